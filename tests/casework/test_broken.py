"""A case on which the router fails again and again is given to people, and left alone by the router."""

import json

import pytest

from router.casework.broken import set_aside
from router.errors import Conflict
from router.store.tables import audit
from schemas.casefile import DeskCode
from schemas.states import CaseState
from tests.casebook import Casebook


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_people_get_it_wherever_it_stands(book: Casebook, steps: int) -> None:
    case_id = await book.take()
    await book.step(case_id, steps)
    await set_aside(book.ctx, await book.case(case_id))
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BROKEN)
    assert (case["desk_since"], case["next_at"]) == (book.ctx.now(), None)


async def test_the_audit_says_where_it_stood_and_how_often_it_was_tried(book: Casebook) -> None:
    case_id = await book.take()
    await set_aside(book.ctx, await book.case(case_id) | {"claims": 5})
    (event,) = await book.rows(audit, audit.c.act == "case.set_aside")
    assert (event["case_id"], json.loads(event["detail"])) == (case_id, {"state": "received", "claims": 5})


async def test_staff_who_were_faster_win(book: Casebook) -> None:
    case_id = await book.take()
    seen = await book.case(case_id)
    await book.step(case_id)
    with pytest.raises(Conflict):
        await set_aside(book.ctx, seen)
    assert (await book.case(case_id))["state"] == CaseState.LOCATED
