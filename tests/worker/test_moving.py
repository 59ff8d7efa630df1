"""What is claimed, in which order and how much of it at once; a suspect is alone, and no line waits for the other."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import pytest
import structlog

from router.ahead import goes_ahead
from router.casework.case.priority import RANKS, URGENT
from router.casework.context import Context
from router.errors import StoreUnavailable
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases
from router.worker import moving
from router.worker.due import cases_due
from router.worker.moving import Moving, lines
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


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - nothing is set when tasks stand still
        await asyncio.sleep(0.001)


async def test_the_lines_share_no_case_and_leave_none_out(book: Casebook) -> None:
    urgent, rest = lines(book.ctx, lambda: True)
    ids = [await book.take(f"https://{n}.test/", f"r-{n}", urgency=("none", "live")[n % 2]) for n in range(4)]
    of_each = [
        {row["id"] for row in await line.claim(10, await cases_due(book.ctx.store, line.ranks))}
        for line in (urgent, rest)
    ]
    assert of_each == [set(ids[1::2]), set(ids[::2])]
    assert (urgent.takes_suspects(), rest.takes_suspects()) == (False, True)
    assert {*urgent.ranks, *rest.ranks} == {*RANKS}
    assert not {*urgent.ranks} & {*rest.ranks}


async def test_what_is_done_for_an_urgent_case_goes_ahead_and_for_no_other(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, bool] = {}

    async def tells(_: Context, row: Row, *__: object) -> None:
        seen[row["id"]] = goes_ahead()

    monkeypatch.setattr(moving, "advance", tells)
    urgent, calm = await book.take(urgency="live"), await book.take("https://b.test/", "r-2")
    for line in lines(book.ctx, lambda: True):
        await line.turn()
    assert seen == {urgent: True, calm: False}


async def test_no_more_is_claimed_while_a_batch_is_at_hand_and_who_waits_for_a_name_is_not_counted(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_CASES", 3)
    monkeypatch.setattr(moving, "AT_HAND", 3)
    for number in range(30):
        await book.take(f"https://{number}.test/", f"r-{number}")
    named, decided, traced = asyncio.Event(), asyncio.Event(), [0]

    async def name() -> None:
        traced[0] += 1
        await named.wait()

    commit = book.ctx.store.commit

    async def slowly(transition: Transition) -> None:
        await decided.wait()
        await commit(transition)

    book.world.meanwhile = name
    monkeypatch.setattr(book.ctx.store, "commit", slowly)
    line = all_of(book.ctx)
    for _ in range(5):
        await asyncio.wait_for(line.move(), 5)
        await until(lambda: traced[0] == line._moving)
    assert traced == [15]  # slow names hold nobody
    named.set()
    await until(lambda: not line._traces.under_way)
    full = asyncio.create_task(line.move())
    await asyncio.sleep(0.05)
    assert (line._moving, full.done()) == (15, False)
    decided.set()
    assert await asyncio.wait_for(full, 5) == 0.0
    await line.finish()
    assert (line._moving, line._new, line._traces.under_way) == (0, 0, 0)


@pytest.mark.parametrize("state", [CaseState.RECEIVED, CaseState.LOCATED, CaseState.REFERRED])
async def test_an_urgent_case_moves_while_every_step_of_the_rest_hangs(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, state: CaseState
) -> None:
    """New ones and follow-ups: as many as may be under way, and none of them ends."""
    monkeypatch.setattr(moving, "_AT_ONCE", 2)
    for number in range(4):
        case_id = await book.take(f"https://{number}.test/", f"r-{number}")
        await book.ctx.store.commit(Transition(1, [Change(cases, {"id": case_id}, {"state": state})]))
    forever, moved = asyncio.Event(), list[str]()

    async def step(_: Context, row: Row, *__: object) -> None:
        if row["rank"] not in URGENT:
            await forever.wait()
        moved.append(row["id"])

    monkeypatch.setattr(moving, "advance", step)
    urgent, rest = lines(book.ctx, lambda: False)
    assert await rest.move() == 0.0
    full = asyncio.create_task(rest.move())
    await asyncio.sleep(0.05)
    case_id = await book.take("https://urgent.test/", "r-urgent", urgency="live")
    assert await urgent.turn() == 1
    assert (moved, full.done(), rest._moving) == ([case_id], False, 2)
    forever.set()
    await full
    await rest.finish()
