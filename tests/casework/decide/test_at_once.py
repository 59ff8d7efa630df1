"""Traced and decided in one commit: it writes what the two steps write, and loses nothing that came meanwhile."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import pytest

from router.casework.decide import at_once
from router.casework.deliver import outcome as settle
from router.casework.desk import case_acts
from router.errors import Conflict, Unavailable
from router.partners.base import EffectClass, Reason, Refused
from router.store.base import Row
from router.store.schema.tables import audit, decisions, traces
from router.worker.steps import advance
from schemas.casefile import DeskCode
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook
from tests.embargoes import embargo
from tests.office import START

#: What a report says that joins a case which is traced at that moment, and who says it.
JOINS: Final[dict[str, dict[str, Any]]] = {
    "urgency": {"actor": FORM, "urgency": "imminent_risk"},
    "assessment": {"actor": ANALYSTS},
    "site type": {"actor": FORM, "item": {"site_type": "forum"}},
    "commerciality": {"actor": FORM, "item": {"commerciality": "commercial"}},
    "last seen": {"actor": FORM, "item": {"last_seen": {"at": START.isoformat(), "by": "public"}}},
}


#: How a worker brings a case on: with its batch, or alone, as what is held, damaged or under suspicion.
WAYS: Final = ("of a batch", "alone")


async def go_on(book: Casebook, case: Row, way: str = "alone") -> None:
    new = case["state"] == CaseState.RECEIVED and way != "alone"
    await advance(book.ctx, case, (await at_once.together(book.ctx, [case]))[case["id"]] if new else None)


async def settled(book: Casebook, case_id: str, way: str = "alone") -> Row:
    """Advance the case as long as it is due at once."""
    for _ in range(5):
        case = await book.case(case_id)
        if case["next_at"] is None or case["next_at"] > book.ctx.now():
            return case
        with suppress(Conflict):  # it is due again, as a worker finds it
            await go_on(book, case, way)
    raise AssertionError("it never settles")


@pytest.mark.parametrize("way", WAYS)
async def test_a_case_is_traced_and_decided_in_one_commit(book: Casebook, way: str) -> None:
    case_id = await book.take()
    before = await book.case(case_id)
    await go_on(book, before, way)
    case, referral = await book.case(case_id), await book.referral(case_id)
    assert (case["state"], case["version"]) == (CaseState.REFERRED, before["version"] + 1)
    ((trace,), (decision,)) = await book.rows(traces), await book.rows(decisions)
    assert (case["trace_id"], case["decision_id"]) == (trace["id"], decision["id"])
    assert (decision["trace_id"], referral["decision_id"]) == (trace["id"], decision["id"])
    acts = [row["act"] for row in await book.rows(audit, audit.c.case_id == case_id)]
    assert acts == ["case.opened", "case.located", "case.decided"]


@pytest.mark.parametrize("way", WAYS)
async def test_it_writes_what_the_two_steps_write(book: Casebook, way: str) -> None:
    ids = [await book.take(f"https://{name}.test/", name, FORM) for name in ("one", "two")]
    await go_on(book, await book.case(ids[0]), way)
    await book.step(ids[1], 2)
    one, two = [await book.case(one) for one in ids]
    apart = {"id", "version", "url_bidx", "host_bidx", "domain_bidx", "sealed", "trace_id", "decision_id", "wrapped"}
    assert {k: v for k, v in one.items() if k not in apart} == {k: v for k, v in two.items() if k not in apart}
    kept = [json.loads(row["facts"]) for row in await book.rows(decisions)]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("join", JOINS)
async def test_a_report_that_joins_while_it_is_traced_is_judged_with_it(book: Casebook, join: str, way: str) -> None:
    """As if it had joined before: its facts are those that are decided on, and nobody waits for a lease to run out."""
    joining: dict[str, Any] = {"actor": FORM, "item": {}} | JOINS[join]
    first = await book.take("https://a.test/", "r-1", FORM)
    await book.take("https://a.test/", "r-2", **joining)
    wanted = await settled(book, first)

    case_id = await book.take("https://b.test/", "r-3", FORM)

    async def joins() -> None:
        book.world.meanwhile = None
        await book.take("https://b.test/", "r-4", **joining)

    book.world.meanwhile = joins
    case = await settled(book, case_id, way)
    assert (case["state"], case["desk_code"]) == (wanted["state"], wanted["desk_code"])
    facts = {row["id"]: json.loads(row["facts"]) for row in await book.rows(decisions)}
    assert facts[case["decision_id"]] == facts[wanted["decision_id"]]


@pytest.mark.parametrize("way", WAYS)
async def test_what_staff_do_while_it_is_traced_wins(book: Casebook, way: str) -> None:
    case_id = await book.take()

    async def close() -> None:
        book.world.meanwhile = None
        await case_acts.close(book.ctx, case_id, ANNA, "not ours", outcome=Outcome.NOT_ILLEGAL)

    book.world.meanwhile = close
    with pytest.raises(Conflict):
        await go_on(book, await book.case(case_id), way)
    assert (await book.case(case_id))["state"] == CaseState.CLOSED
    assert await book.referrals(case_id) == await book.rows(decisions) == []


@pytest.mark.parametrize("error", [ZeroDivisionError(), Unavailable("no policy")])
async def test_where_deciding_fails_the_trace_is_kept(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    case_id = await book.take()

    async def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(at_once, "decided", fails)
        await advance(book.ctx, await book.case(case_id))
    assert (await book.case(case_id))["state"] == CaseState.LOCATED
    assert len(await book.rows(traces)) == 1
    assert (await settled(book, case_id))["state"] == CaseState.REFERRED


@pytest.mark.parametrize("way", WAYS)
async def test_a_refusal_that_comes_while_it_is_traced_anew_is_heard(book: Casebook, way: str) -> None:
    """Its decision would go by a referral that was still under way, and nobody would be asked."""
    case_id = await book.decided()
    (row,) = await book.claim()
    await book.take(reference="r-2", urgency="imminent_risk")
    assert row["case_id"] == case_id
    refuse = _refusal(book, row)

    async def meanwhile() -> None:
        book.world.meanwhile = None
        await refuse()

    book.world.meanwhile = meanwhile
    await settled(book, case_id, way)
    case = await book.case(case_id)
    assert case["desk_code"] == DeskCode.CHILD_AT_RISK
    facts = [json.loads(one["facts"]) for one in await book.rows(decisions, decisions.c.id == case["decision_id"])]
    assert facts[0]["bounced"] == 1


def _refusal(book: Casebook, row: Row) -> Callable[[], Awaitable[object]]:
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    no = settle.Attempted(row, found, EffectClass.IDEMPOTENT, Refused(Reason.REFUSED, "Not ours."), 1, 2)
    return lambda: settle.settle_all(book.ctx, [no])


@pytest.mark.parametrize("way", WAYS)
async def test_who_is_sent_it_while_it_is_traced_is_sent_it_once(book: Casebook, way: str) -> None:
    """Its batch saw that nobody had it: what rests on that is not kept."""
    case_id = await book.take()
    case = await book.case(case_id)

    async def another_decides() -> None:
        book.world.meanwhile = None
        await advance(book.ctx, case)

    book.world.meanwhile = another_decides
    with pytest.raises(Conflict):
        await go_on(book, case, way)
    assert len(await book.referrals(case_id)) == 1


async def test_what_is_held_leaves_its_batch_and_what_is_damaged_ends_it(book: Casebook) -> None:
    """One that is held goes its way alone and the others go on; where one is damaged each goes alone, and it fails."""
    rows = [await book.case(await book.take(f"https://{name}.test/", name)) for name in ("one", "two")]
    assert set(await at_once.together(book.ctx, rows)) == {row["id"] for row in rows}
    await embargo(book.ctx, "host", "one.test")
    assert set(await at_once.together(book.ctx, rows)) == {rows[1]["id"]}
    assert await at_once.together(book.ctx, [{**rows[0], "sealed": b"?"}, rows[1]]) == {}
