"""One turn of an inbox: what is on disk before what, and what a failure leaves for the next turn."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.context import Context
from router.casework.intake import hub_inbox
from router.casework.intake.hub_inbox import AGAIN, REST
from router.casework.intake.hub_lists import STUBBORN_AGAIN
from router.errors import Damaged
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, hub_inboxes, hub_items, reports
from router.worker.pulling import Pulling
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.hub_desk import Desk, hub_desk
from tests.partners.iccam.stage import BE

_MICRO = timedelta(microseconds=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with hub_desk(tmp_path, Rules(), intake=True, acknowledge=True) as opened:
        yield opened


async def turn(desk: Desk) -> Row:
    """Make one turn, whenever it is due."""
    rows = await desk.book.rows(hub_inboxes)
    if rows:
        due = timedelta(microseconds=rows[0]["due_at"] - desk.book.ctx.now())
        desk.near.clock.advance(max(due, timedelta()))
    await Pulling(desk.book.ctx).turn()
    (row,) = await desk.book.rows(hub_inboxes)
    return row


def rests(desk: Desk, row: Row) -> timedelta:
    return timedelta(microseconds=row["due_at"] - desk.book.ctx.now())


async def test_it_is_listed_taken_and_acknowledged_in_turns_and_rests_when_nothing_is_left(desk: Desk) -> None:
    (page,) = desk.given("https://given.test/")
    assert rests(desk, await turn(desk)) < AGAIN
    assert list((await desk.items()).values()) == ["listed"]
    await turn(desk)
    assert (list((await desk.items()).values()), page.references.get(BE.id) is not None) == (["taken"], True)
    row = await turn(desk)
    assert rests(desk, row) > REST - AGAIN
    assert row["last_text"] is None


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (kind, path)
        for kind in (Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.CUT, Kind.GARBAGE, Kind.LOGGED_OUT)
        for path in ("no-reference", "rest/content/7", "rest/reports", "hotline-reference", "authentication")
    ],
)
async def test_whatever_breaks_off_it_is_taken_once_and_acknowledged(desk: Desk, kind: Kind, path: str) -> None:
    desk.given("https://given.test/", "https://given.test/1.jpg")
    desk.near.server.troubles.order(Trouble(kind, path, times=2))
    for _ in range(12):
        await turn(desk)
    assert list((await desk.items()).values()) == ["taken", "taken"]
    assert all(row["acknowledged_at"] for row in await desk.book.rows(hub_items))
    assert len(await desk.book.rows(reports)) == 2
    assert all(one.references.get(BE.id) for one in desk.near.hub.contents.values())


async def test_a_hub_that_asks_us_to_wait_is_left_alone_for_so_long(desk: Desk) -> None:
    desk.given("https://given.test/")
    desk.near.server.troubles.order(Trouble(Kind.STATUS, "no-reference", status=429, retry_after="240"))
    row = await turn(desk)
    assert rests(desk, row) > timedelta(seconds=200)
    calls = len(desk.near.server.calls)
    await Pulling(desk.book.ctx).turn()
    assert len(desk.near.server.calls) == calls


async def test_a_reference_that_the_hub_does_not_take_is_told_no_more_and_said(desk: Desk) -> None:
    desk.given("https://given.test/")
    desk.near.server.troubles.order(Trouble(Kind.STATUS, "hotline-reference", status=409, times=9))
    for _ in range(5):
        await turn(desk)
    (row,) = await desk.book.rows(hub_items)
    assert row["last_text"].startswith("The hub does not take our reference")
    assert len([path for path in desk.near.paths if path.endswith("hotline-reference")]) == 1


async def test_nothing_is_acknowledged_before_it_is_on_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.given("https://given.test/")
    await turn(desk)

    async def dies(*_: object, **__: object) -> str:
        raise MemoryError

    monkeypatch.setattr(hub_inbox.hub_items, "take", dies)
    await Pulling(desk.book.ctx).turn()
    desk.near.clock.advance(timedelta(minutes=5))
    await Pulling(desk.book.ctx).turn()
    assert await desk.book.rows(cases) == []
    assert [path for path in desk.near.paths if path.startswith("PUT")] == []
    monkeypatch.undo()
    let_go = Change(hub_inboxes, {"partner": "iccam"}, {"claimed_until": 0})  # its lease runs by the database's clock
    await desk.book.ctx.store.commit(Transition(desk.book.ctx.now(), (let_go,)))
    desk.near.clock.advance(timedelta(minutes=5))
    await desk.pull()
    assert list((await desk.items()).values()) == ["taken"]


async def test_one_content_that_the_hub_fails_at_keeps_nothing_else_waiting(desk: Desk) -> None:
    (bad,) = desk.given("https://given.test/")
    desk.near.server.troubles.order(Trouble(Kind.STATUS, f"rest/content/{bad.id}", "GET", status=500, times=999))
    for _ in range(5):
        await turn(desk)
    desk.given("https://another.test/")
    for _ in range(6):
        row = await turn(desk)
    assert sorted((await desk.items()).values()) == ["listed", "taken"]
    assert rests(desk, row) > AGAIN
    desk.near.server.troubles.ordered.clear()
    desk.near.clock.advance(STUBBORN_AGAIN)
    await turn(desk)
    assert sorted((await desk.items()).values()) == ["taken", "taken"]


async def test_one_case_that_is_damaged_keeps_no_other_content_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bad,) = desk.given("https://given.test/")
    taking = hub_inbox.hub_items.take

    async def damaged(ctx: Context, row: Row, *args: Any, **more: Any) -> str:
        if row["number"] == str(bad.id):
            raise Damaged("The case cannot be read; restore a backup.")
        return await taking(ctx, row, *args, **more)

    monkeypatch.setattr(hub_inbox.hub_items, "take", damaged)
    desk.given("https://another.test/")
    for _ in range(3):
        await turn(desk)
    assert await desk.items() == {str(bad.id): "listed", str(bad.id + 1): "taken"}
