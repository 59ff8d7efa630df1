"""The tables keep the rules that code could forget."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Float, Integer, LargeBinary, Text

from router.store.base import Add, Change, Transition
from router.store.schema import tables
from router.store.writer import Writer
from schemas.states import CaseState, ReferralState
from tests.store.samples import NOW, case, referral

SIMPLE = (Text, BigInteger, Integer, Float, LargeBinary)


def test_only_types_that_need_no_processing() -> None:
    columns = [column for table in tables.metadata.tables.values() for column in table.columns]
    assert [str(column) for column in columns if not isinstance(column.type, SIMPLE)] == []


def test_every_table_can_be_imported_from_one_place() -> None:
    assert {getattr(tables, name) for name in tables.__all__ if name != "metadata"} == set(
        tables.metadata.tables.values()
    )


async def refused(store: Writer, add: Add) -> bool:
    try:
        await store.commit(Transition(NOW, adds=[add]))
    except ValueError:
        return True
    return False


CLOSED = {"state": "closed", "next_at": None, "outcome": "removed", "closed_at": NOW}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, False),
        ({"next_at": None}, True),  # open, and nobody would ever look
        ({"state": "desk", "next_at": None, "desk_code": "look", "desk_due": NOW}, False),
        ({"state": "desk", "next_at": None, "desk_code": "look"}, True),  # on the desk, and nobody has to answer
        ({"desk_asked": "child_at_risk", "desk_due": NOW}, False),
        ({"desk_asked": "child_at_risk"}, True),  # asked before, decided anew, and nobody has to answer any more
        ({"state": "desk", "desk_due": NOW}, True),  # on the desk without a reason
        ({"desk_code": "look", "desk_due": NOW}, True),  # a reason, and not on the desk
        (CLOSED, False),
        (CLOSED | {"outcome": None}, True),
        (CLOSED | {"closed_at": None}, True),
        (CLOSED | {"next_at": NOW}, True),
        ({"state": "lost"}, True),
    ],
)
async def test_no_case_waits_unseen(store: Writer, values: dict[str, Any], wrong: bool) -> None:
    assert await refused(store, case("c", **values)) is wrong


@pytest.mark.parametrize("left_out", ["desk_due", None])
async def test_no_change_takes_the_date_from_a_question(store: Writer, left_out: str | None) -> None:
    asked = {"state": "desk", "next_at": None, "desk_code": "look", "desk_asked": "look", "desk_due": NOW}
    await store.commit(Transition(NOW, adds=[case("c", **asked)]))
    values = {"desk_text": "another word"} if left_out is None else {left_out: None}
    change = Change(tables.cases, {"id": "c"}, values, 1)
    try:
        await store.commit(Transition(NOW, [change]))
        assert left_out is None
    except ValueError as error:
        assert left_out is not None
        assert "desk_is_due" in str(error)  # noqa: PT017 - a case that is kept is the other half


@pytest.mark.parametrize("state", ReferralState)
async def test_a_referral_has_a_date_while_it_is_under_way_and_none_after(store: Writer, state: ReferralState) -> None:
    under_way = state in {"waiting", "sending", "recall_pending", "withdrawing"}
    receipt = "r" if state == "accepted" else None
    assert await refused(store, referral("dated", state=state, receipt=receipt)) is not (under_way or state == "held")
    assert await refused(store, referral("undated", state=state, receipt=receipt, next_at=None)) is under_way


async def test_what_was_accepted_has_its_receipt(store: Writer) -> None:
    assert await refused(store, referral("r", state="accepted", next_at=None))


async def test_one_open_case_for_a_location_and_any_number_of_closed_ones(store: Writer) -> None:
    for name in ("old", "older"):
        await store.commit(Transition(NOW, adds=[case(name, url_bidx=b"same", **CLOSED)]))
    await store.commit(Transition(NOW, adds=[case("open", url_bidx=b"same")]))
    with pytest.raises(Exception, match="changed in the meantime"):
        await store.commit(Transition(NOW, adds=[case("second", url_bidx=b"same", state=CaseState.LOCATED)]))


async def test_one_live_referral_of_a_case_to_a_partner(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[referral("one", case_id="c")]))
    with pytest.raises(Exception, match="changed in the meantime"):
        await store.commit(Transition(NOW, adds=[referral("two", case_id="c")]))
    await store.commit(Transition(NOW, adds=[referral("three", case_id="c", partner="ca")]))
    await store.commit(Transition(NOW, adds=[referral("four", case_id="c", state="refused", next_at=None)]))
