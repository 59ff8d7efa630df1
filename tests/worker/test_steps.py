"""The visible table: every open state has its step, and each step leads on from its state."""

from collections.abc import Iterator
from inspect import unwrap

import pytest

from router.casework.decide import at_once
from router.casework.decide import step as decide
from router.casework.follow_up import step as follow_up
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from router.worker.steps import STEPS
from schemas.states import CASE, CaseState
from tests.casebook import FORM, Casebook


def test_every_open_state_has_a_step_and_a_closed_case_has_none() -> None:
    assert set(STEPS) == set(CaseState) - {CaseState.CLOSED}


def test_which_step_is_done_where() -> None:
    assert [unwrap(STEPS[state]) for state in (CaseState.RECEIVED, CaseState.LOCATED)] == [at_once.run, decide.run]
    assert STEPS[CaseState.REFERRED] is STEPS[CaseState.DESK]
    assert unwrap(STEPS[CaseState.DESK]) is follow_up.run


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
async def test_a_step_leads_only_where_the_table_of_states_lets_it(book: Casebook, steps: int) -> None:
    case_id = await book.take(actor=FORM)
    before = await book.step(case_id, steps)
    said = await STEPS[CaseState(before["state"])](book.ctx, before)
    for one in (said,) if isinstance(said, Transition) else said:
        for change in moves(one.changes):
            assert change.values["state"] in CASE[CaseState(before["state"])].values()
            assert change.version == before["version"]  # staff who act meanwhile are never overwritten


async def test_a_step_writes_nothing_by_itself(book: Casebook) -> None:
    case_id = await book.take()
    for state in (CaseState.RECEIVED, CaseState.LOCATED, CaseState.REFERRED):
        row = await book.case(case_id)
        assert row["state"] == state
        await STEPS[state](book.ctx, row)
        assert await book.case(case_id) == row
        await book.step(case_id)


def moves(changes: object) -> Iterator[Change]:
    assert isinstance(changes, tuple)
    return (change for change in changes if change.table is cases and "state" in change.values)
