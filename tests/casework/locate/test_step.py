"""The first step of a case: traced, shown, and due for its decision at once."""

import json

import pytest

from router.casework.desk import case_acts
from router.casework.locate import step as locate
from router.errors import Conflict
from router.store.schema.tables import audit, traces
from schemas.states import CaseState
from schemas.trace import Reason, Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, CANADIAN, DUTCH, Casebook


async def test_a_traced_case_shows_its_verdict_and_is_due_for_its_decision(book: Casebook) -> None:
    case = await book.step(await book.take())
    (trace,) = await book.rows(traces)
    assert (case["state"], case["next_at"]) == (CaseState.LOCATED, book.ctx.now())
    assert (case["verdict"], case["hosting_country"], case["confidence"]) == ("country", "NL", 0.99)
    assert (case["trace_id"], trace["case_id"], trace["country"]) == (trace["id"], case["id"], "NL")


@pytest.mark.parametrize("kind", list(VerdictKind))
async def test_every_verdict_goes_on_to_a_decision(book: Casebook, kind: VerdictKind) -> None:
    book.world.verdict = Verdict(kind=kind, country="NL" if kind is VerdictKind.COUNTRY else None)
    case = await book.step(await book.take())
    assert (case["state"], case["verdict"]) == (CaseState.LOCATED, kind)


async def test_the_audit_says_what_was_found_and_not_where(book: Casebook) -> None:
    book.world.verdict = DUTCH.model_copy(update={"confidence": 0.987654, "reasons": (Reason(code="cloud", text="t"),)})
    await book.step(await book.take())
    (event,) = await book.rows(audit, audit.c.act == "case.located")
    said = json.loads(event["detail"])
    assert said == {"verdict": "country", "country": "NL", "confidence": 0.9877, "reasons": ["cloud"]}


async def test_traced_again_its_new_trace_is_added_and_the_old_one_kept(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.retrace(book.ctx, case_id, ANNA, "look again")
    book.world.verdict = CANADIAN
    case = await book.step(case_id)
    assert case["hosting_country"] == "CA"
    assert {row["country"] for row in await book.rows(traces)} == {"NL", "CA"}


async def test_what_joined_while_the_world_was_asked_is_not_lost(book: Casebook) -> None:
    case_id = await book.take()
    late = await locate.run(book.ctx, await book.case(case_id))
    await book.take(reference="r-2", urgency="live")
    await book.ctx.store.commit(late)
    case = await book.case(case_id)
    assert (case["state"], case["urgency"], case["rank"]) == (CaseState.LOCATED, "live", 0)


async def test_a_case_that_staff_closed_while_the_world_was_asked_stays_closed(book: Casebook) -> None:
    case_id = await book.take()
    late = await locate.run(book.ctx, await book.case(case_id))
    await case_acts.close(book.ctx, case_id, ANNA, "a test page", outcome=Outcome.NOT_ILLEGAL)
    with pytest.raises(Conflict):
        await book.ctx.store.commit(late)
    assert (await book.case(case_id))["state"] == CaseState.CLOSED
    assert await book.rows(traces) == []
