"""Inboxes are read by one process at a time, and only those that are to be read."""

from dataclasses import replace
from pathlib import Path

from router.store.schema.tables import hub_inboxes
from router.worker.pulling import Pulling
from router.world.iccam.rules import Rules
from tests.casebook import Casebook
from tests.hub_desk import hub_desk


async def test_who_has_no_inbox_costs_no_row(book: Casebook) -> None:
    pulling = Pulling(book.ctx)
    assert (await pulling.turn(), await pulling.next_due()) == (0, None)
    assert await book.rows(hub_inboxes) == []


async def test_an_inbox_that_one_process_reads_no_other_reads(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True) as desk:
        one, other = (Pulling(replace(desk.book.ctx, owner=name)) for name in ("one", "other"))
        assert await one.turn() == 1
        assert await other.turn() == 0  # not due yet
        assert await one.next_due() is not None


async def test_a_partner_that_is_disabled_or_cannot_be_used_is_not_read(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True) as desk:
        entry = desk.book.rules.directory_.partners[0]
        for changed in ({"enabled": False}, {"config": {"nonsense": 1}}):
            desk.book.partners(entry.model_copy(update=changed))
            assert await Pulling(desk.book.ctx).turn() == 0
    assert desk.near.paths == []


async def test_a_turn_that_breaks_costs_a_minute_and_nothing_else(tmp_path: Path) -> None:
    async with hub_desk(tmp_path, Rules(), intake=True) as desk:
        entry = desk.book.rules.directory_.partners[0]
        missing = entry.model_copy(update={"config": entry.config | {"password": "nothing"}})
        desk.book.partners(missing)
        assert await Pulling(desk.book.ctx).turn() == 1
        (row,) = await desk.book.rows(hub_inboxes)
        assert row["due_at"] - desk.book.ctx.now() >= 30_000_000
        assert row["last_text"]
