"""What keeps a referral here, whatever its turn began with: its case, the policy, the directory, the stops in force."""

from datetime import date
from typing import Any

import pytest

from router.casework.deliver import clearance, stops
from router.casework.desk import referral_acts
from router.partners.base import Deferred, Refused
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases
from schemas.partner import Directory
from schemas.states import CaseState
from tests.casebook import ANNA, Casebook, partner

TODAY = date(2026, 11, 20)


def a_case(state: CaseState, assessment: str = "baseline") -> Row:
    return {"state": state, "assessment": assessment, "path": "[]"}


OPEN = [CaseState.RECEIVED, CaseState.LOCATED, CaseState.REFERRED, CaseState.DESK]


@pytest.mark.parametrize("state", OPEN)
def test_what_may_leave_is_kept_by_nothing(book: Casebook, state: CaseState) -> None:
    assert (
        clearance.barred(partner("hotline-nl", "NL"), a_case(state), book.rules.policy_, TODAY, "hotline-abroad")
        is None
    )


@pytest.mark.parametrize("state", OPEN)
def test_a_case_that_is_judged_anew_answers_for_itself_and_no_other_does(book: Casebook, state: CaseState) -> None:
    case = a_case(state, "not_illegal")
    said = clearance.barred(partner("hotline-nl", "NL"), case, book.rules.policy_, TODAY, "hotline-abroad")
    assert said is not None
    assert "not_illegal" in said.text
    if state in (CaseState.RECEIVED, CaseState.LOCATED):
        assert isinstance(said, Deferred)
        assert (said.counted, (said.retry_after or 0) > 0) == (False, True)  # it must not come back at once
    else:
        assert isinstance(said, Refused)


def test_nothing_of_a_closed_case_leaves(book: Casebook) -> None:
    closed = a_case(CaseState.CLOSED)
    assert (
        clearance.barred(partner("hotline-nl", "NL"), closed, book.rules.policy_, TODAY, "hotline-abroad")
        == clearance.CASE_CLOSED
    )


async def kept(book: Casebook, rows: list[Row]) -> dict[str, Any]:
    return dict(await clearance.kept_here(book.ctx, "hotline-nl", rows))


async def test_each_of_a_turn_is_looked_at_for_itself(book: Casebook) -> None:
    ids = [await book.decided(f"https://example.test/{number}", f"r-{number}") for number in range(4)]
    rows = await book.claim()
    by_case = {row["case_id"]: row["id"] for row in rows}
    await referral_acts.recall(book.ctx, by_case[ids[0]], ANNA, "wrong page")
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": ids[1]}, {"assessment": "not_illegal"}),)))
    closed = {"state": "closed", "outcome": "removed", "closed_at": 1, "next_at": None}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": ids[2]}, closed),)))
    found = await kept(book, rows)
    assert {one: found[by_case[one]].text for one in ids[:3]} == {
        ids[0]: "It was taken back before it left.",
        ids[1]: "Hotline-Nl takes baseline; this is not_illegal",
        ids[2]: clearance.CASE_CLOSED.text,
    }
    assert set(found) == {by_case[one] for one in ids[:3]}


async def test_a_partner_that_the_directory_names_no_longer_is_not_called(book: Casebook) -> None:
    await book.decided()
    rows = await book.claim()
    book.rules.directory_ = Directory(version=2)
    (said,) = (await kept(book, rows)).values()
    assert isinstance(said, Deferred)
    assert not said.counted


@pytest.mark.parametrize("scope", ["all", "partner:hotline-nl", "route:hotline-abroad"])
async def test_a_stop_keeps_what_was_claimed_before_it(book: Casebook, scope: str) -> None:
    await book.decided()
    rows = await book.claim()
    assert await kept(book, rows) == {}
    await stops.stop(book.ctx, scope, ANNA, "a wrong rule")
    (said,) = (await kept(book, rows)).values()
    assert (type(said), said.counted) == (Deferred, False)
