"""What a trail says of each entry: who by number, when by which clock, by which program and which policy."""

import json
from datetime import timedelta

from sqlalchemy import select

from router import __version__
from router.casework.case.record import case_row, open_case
from router.casework.govern.trail.compose import compose
from router.store.base import Add, Change, Transition
from router.store.schema.tables import audit, epochs, partner_state, policies
from schemas.trail import Trail, TrailSecrets
from tests.casebook import ANNA, Casebook
from tests.embargoes import BOB

ASKED = {"id": "t", "by": ANNA.id, "at": 1, "language": "en"}


async def trail(book: Casebook, case_id: str) -> Trail:
    opened = await open_case(book.ctx, await case_row(book.ctx, case_id))
    said, _ = await compose(book.ctx, ASKED, TrailSecrets(order="o", court="c"), opened, BOB.id)
    return said


async def test_each_entry_has_its_clock_its_program_and_the_policy_in_force_then(book: Casebook) -> None:
    now = book.ctx.now()
    rows = [
        {"version": version, "published_at": at, "by": "x", "digest": b"", "body": ""}
        for version, at in ((7, now - 1), (8, now + 3600 * 1_000_000))
    ]
    await book.ctx.store.commit(Transition(now, adds=[Add(policies, row) for row in rows]))
    case_id = await book.decided()
    book.later(hours=2)
    await book.send()
    said = await trail(book, case_id)
    assert [one.act for one in said.entries] == ["case.opened", "case.located", "case.decided", "referral.attempted"]
    assert [one.policy for one in said.entries] == [7, 7, 7, 8]
    assert {one.program for one in said.entries} == {__version__}
    first = said.entries[0]
    assert first.at == book.clock.now() - timedelta(hours=2)
    assert first.local == "2026-11-22T10:00:00+01:00"


async def test_of_an_epoch_of_an_older_version_no_program_is_named(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.ctx.store.rows(select(epochs))
    await book.ctx.store.commit(Transition(0, (Change(epochs, {"epoch": row["epoch"]}, {"program": None}),)))
    assert {one.program for one in (await trail(book, case_id)).entries} == {None}


async def test_how_far_the_clock_is_from_the_partners_is_said(book: Casebook) -> None:
    case_id = await book.decided()
    assert (await trail(book, case_id)).clock.behind_seconds is None
    rows = await book.rows(partner_state)
    assert rows == []
    for name, ahead in (("hotline-nl", 3), ("hotline-ca", 9), ("federal-police", 4)):
        row = {"partner": name, "clock_ahead": ahead}
        await book.ctx.store.commit(Transition(0, adds=(Add(partner_state, _plain(row)),)))
    clock = (await trail(book, case_id)).clock
    assert (clock.zone, clock.partners, clock.behind_seconds) == ("Europe/Brussels", 3, 4.0)


def _plain(row: dict[str, object]) -> dict[str, object]:
    """A row with nothing else in it than its columns need."""
    needed = [one for one in partner_state.c if not one.nullable and one.server_default is None and one.name not in row]
    return row | {one.name: 0 if one.type.python_type is int else "" for one in needed}


async def test_the_chain_is_signed_after_all_that_was_read(book: Casebook) -> None:
    case_id = await book.accepted()
    said = await trail(book, case_id)
    heads = {row["epoch"]: row["signed_seq"] for row in await book.ctx.store.rows(select(epochs))}
    assert all(one.seq <= heads[one.epoch] for one in said.entries)
    assert {"number", "root", "signature"} <= set(said.checkpoint)


async def test_a_damaged_entry_stands_in_it_and_is_named(book: Casebook) -> None:
    case_id = await book.decided()
    (row, *_) = await book.rows(audit, audit.c.case_id == case_id)
    key = {"epoch": row["epoch"], "seq": row["seq"]}
    await book.ctx.store.commit(Transition(0, (Change(audit, key, {"detail": "no JSON"}),)))
    said = await trail(book, case_id)
    assert [one.damaged for one in said.entries] == [True, False, False]


async def test_numbers_and_sources_are_its_reports(book: Casebook) -> None:
    case_id = await book.decided()
    await book.take(reference="r-2")
    case = (await trail(book, case_id)).case
    assert (len(case.dossiers), case.sources, case.hosting_country) == (2, ("analysts",), "NL")
    assert json.loads(case.model_dump_json())["state"] == "referred"
