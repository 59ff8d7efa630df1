"""What is claimed, in which order and how much of it at once; a suspect is alone, and no line waits for the other."""

from dataclasses import replace
from unittest.mock import Mock

import pytest
import structlog

from router.casework.case.priority import RANKS
from router.casework.context import Context
from router.errors import StoreUnavailable
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from router.worker import moving
from router.worker.due import cases_due
from router.worker.moving import Moving
from schemas.states import CaseState
from tests.casebook import Casebook


def all_of(ctx: Context) -> Moving:
    """A line in which every case stands."""
    return Moving(ctx, RANKS)


async def test_a_claimed_case_is_not_due_for_another_worker(book: Casebook) -> None:
    await book.take()
    one, other = (all_of(replace(book.ctx, owner=name)) for name in ("one", "other"))
    (row,) = await one.claim(10, await cases_due(book.ctx.store))
    assert row["claimed_by"] == "one"
    assert await other.claim(10, await cases_due(book.ctx.store)) == []


async def test_urgent_cases_are_claimed_first(book: Casebook) -> None:
    await book.take("https://a.test/", "r-1")
    urgent = await book.take("https://b.test/", "r-2", urgency="live")
    (row,) = await all_of(book.ctx).claim(1, await cases_due(book.ctx.store))
    assert row["id"] == urgent


async def test_the_suspect_that_was_tried_least_comes_first(book: Casebook) -> None:
    ids = [await book.take(f"https://{n}.test/", f"r-{n}") for n in range(3)]
    tried = zip(ids, (4, 2, 3), strict=True)
    await book.ctx.store.commit(Transition(1, tuple(Change(cases, {"id": one}, {"claims": n}) for one, n in tried)))
    assert [row["id"] for row in await all_of(book.ctx).claim(1, await cases_due(book.ctx.store), suspects=True)] == [
        ids[1]
    ]


async def test_a_suspect_is_claimed_alone_so_that_a_dying_worker_harms_no_others_count(book: Casebook) -> None:
    ids = [await book.take(f"https://{n}.test/", f"r-{n}") for n in range(3)]
    suspected = [Change(cases, {"id": case_id}, {"claims": 2}) for case_id in ids[:2]]
    await book.ctx.store.commit(Transition(1, tuple(suspected)))
    dying = all_of(book.ctx)
    assert [row["id"] for row in await dying.claim(10, await cases_due(book.ctx.store))] == ids[2:]
    assert [row["id"] for row in await dying.claim(1, await cases_due(book.ctx.store), suspects=True)] == ids[:1]
    assert [(await book.case(case_id))["claims"] for case_id in ids] == [3, 2, 1]


@pytest.mark.parametrize("error", [StoreUnavailable(), ZeroDivisionError()])
async def test_what_keeps_a_case_from_being_set_aside_is_logged_and_the_others_go_on(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(moving, "set_aside", Mock(side_effect=error))
    one = await book.take("https://a.test/", "r-1")
    other = await book.take("https://b.test/", "r-2")
    counts = zip((one, other), (9, 2), strict=True)
    await book.ctx.store.commit(Transition(1, tuple(Change(cases, {"id": case}, {"claims": n}) for case, n in counts)))
    with structlog.testing.capture_logs() as said:
        await all_of(book.ctx).alone([await book.case(one), await book.case(other)])
    assert [(entry["log_level"], entry["case"]) for entry in said] == [("warning", one)]
    assert (await book.case(other))["state"] == CaseState.REFERRED
