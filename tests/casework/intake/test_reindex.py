"""Every index made anew: what was found is found, under no key of before; cut at any step it is gone on with."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import check_indexes
from router.casework.case.embargo import in_force
from router.casework.case.gate import held_rows
from router.casework.govern.request_search import search
from router.casework.intake import reindex as module
from router.casework.intake.reindex import reindex
from router.casework.read.find import find
from router.casework.retention.purge import purge
from router.errors import CannotStart
from router.guard.master import MASTER_FILE, load_keys, load_or_create_master, open_keyring
from router.guard.seal import ID
from router.store.base import Add, Remove, Transition
from router.store.schema.tables import (
    case_keys,
    cases,
    embargoes,
    items,
    left_before_restore,
    metadata,
    probed_hosts,
    reports,
)
from tests.asked import DORA, agreed, officers
from tests.casebook import ANNA, Casebook, casebook
from tests.casework.referral.test_left_before import left
from tests.casework.retention.lives import URLS, closed
from tests.embargoes import embargo

COLUMNS = {cases: ("url_bidx", "host_bidx", "domain_bidx"), items: ("reference_bidx", "parent_bidx", "account_bidx")}
COLUMNS |= {reports: ("reference_bidx",), probed_hosts: ("host_bidx",)}
WHERE = "https://www.example.test/{}"


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with casebook(tmp_path) as opened:
        opened.ctx = replace(opened.ctx, keyring=open_keyring(path), key_file=path)
        await officers(opened.ctx)
        yield opened


async def filled(book: Casebook) -> list[str]:
    account = {"platform": "Chat", "handle": "@somebody"}
    item = {"reference": "their-item", "parent": "their-page", "account": account}
    ids = [await book.take(WHERE.format(n), f"r-{n}", item=item if n % 2 else {}) for n in range(5)]
    await embargo(book.ctx, "url", WHERE.format(4))
    asked = {"host_bidx": (await book.case(ids[0]))["host_bidx"], "at": 7}
    await book.ctx.store.commit(Transition(0, adds=[Add(probed_hosts, asked)]))
    return ids


def told(done: int) -> None:
    del done


async def under(book: Casebook) -> set[bytes]:
    """With which bytes the indexes begin that there are."""
    found = set()
    for table, names in COLUMNS.items():
        for row in await book.rows(table):
            found |= {bytes(row[name])[:ID] for name in names if row[name]}
    for row in await book.rows(embargoes):
        found |= {bytes.fromhex(mark)[:ID] for mark in module.json.loads(row["marks"])}
    return found


def again(book: Casebook) -> None:
    """As after a start."""
    assert book.ctx.key_file is not None
    check_indexes(book.ctx.key_file, reindexing=False)
    book.ctx = replace(book.ctx, keyring=open_keyring(book.ctx.key_file))


async def is_as_before(book: Casebook, ids: list[str]) -> None:
    assert await under(book) == {*book.ctx.keyring.ids()}
    assert [await book.take(WHERE.format(n), f"again-{n}") for n in range(5)] == ids, "each joins its case"
    before = len(await book.rows(reports))
    assert await book.take(WHERE.format(0), "r-0") == ids[0]
    assert len(await book.rows(reports)) == before, "a report that comes again is known"
    found = await find(book.ctx, WHERE.format(2), ANNA)
    assert [one.id for one in found.items] == [ids[2]]
    asked = {"host_bidx": book.ctx.keyring.blind("host", "www.example.test"), "at": 7}
    assert await book.rows(probed_hosts) == [asked], "its host was asked today, and is not asked again"
    made = await agreed(book.ctx, ("account", "somebody", "chat"))
    assert {hit.case for hit in (await search(book.ctx, made.id, DORA)).hits} == {ids[1], ids[3]}
    assert len(await in_force(book.ctx)) == 1
    assert set(await held_rows(book.ctx, await book.rows(cases))) == {ids[4]}


async def test_what_was_found_is_found_and_no_key_of_before_is_held(book: Casebook) -> None:
    ids = await filled(book)
    path = book.ctx.key_file
    assert path is not None
    for _ in range(2):
        old = {*book.ctx.keyring.ids()}
        assert await reindex(book.ctx, path, told) == len(ids) + 1
        again(book)
        assert old.isdisjoint(book.ctx.keyring.ids())
        await is_as_before(book, ids)
    keys = load_keys(path)
    assert keys.lasting is not None
    assert not [name for name in keys.lasting.keys if name.startswith("blind/")]
    assert (keys.index is not None, keys.index_coming) == (True, None)


@pytest.mark.parametrize("step", range(7))
async def test_cut_at_any_step_nobody_works_until_it_is_gone_on_with(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(module, "_PAGE", 1)
    ids = await filled(book)
    path, left_to_go = book.ctx.key_file, step
    assert path is not None

    def cut(*given: object) -> None:
        nonlocal left_to_go
        left_to_go -= 1
        if left_to_go < 0:
            raise KeyboardInterrupt

    commit = book.ctx.store.commit

    async def committed(transition: Transition) -> None:
        await commit(transition)
        cut()

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(book.ctx.store, "commit", committed)
        await reindex(book.ctx, path, cut)
    with pytest.raises(CannotStart, match="keys rotate --indexes"):
        again(book)
    check_indexes(path, reindexing=True)
    book.ctx = replace(book.ctx, keyring=open_keyring(path))
    coming = load_keys(path).index_coming
    await reindex(book.ctx, path, told)
    assert load_keys(path).index == coming, "the same key is gone on with"
    again(book)
    await is_as_before(book, ids)


async def test_what_is_erased_or_damaged_costs_nobody_else_and_is_found_no_more(book: Casebook) -> None:
    gone = await closed(book, location=WHERE.format("gone"), reference="gone")
    book.clock.advance(URLS)
    await purge(book.ctx, ANNA)
    ids = await filled(book)
    damaged = await book.take(WHERE.format("damaged"), "damaged")
    await book.ctx.store.commit(Transition(0, removes=(Remove(case_keys, {"case_id": damaged}),)))
    assert book.ctx.key_file is not None
    assert await reindex(book.ctx, book.ctx.key_file, told) == len(ids) + 1
    again(book)
    assert (await book.case(gone))["url_bidx"] == b""
    assert [await book.take(WHERE.format(n), f"again-{n}") for n in range(5)] == ids
    assert await book.take(WHERE.format("damaged"), "anew") != damaged


async def test_what_only_an_index_is_known_of_forbids_it(book: Casebook) -> None:
    await book.ctx.store.commit(Transition(0, adds=[Add(left_before_restore, left("one"))]))
    assert book.ctx.key_file is not None
    with pytest.raises(CannotStart, match="put back from a backup"):
        await reindex(book.ctx, book.ctx.key_file, told)
    assert load_keys(book.ctx.key_file).index_coming is None
    assert await book.ctx.store.rows(select(left_before_restore)) != []


def test_every_index_that_is_kept_is_made_anew() -> None:
    """A new one is added to `reindex`, and here: else whoever had the old key could go on guessing by it."""
    kept = {(table.name, one.name) for table in metadata.sorted_tables for one in table.c if one.name.endswith("_bidx")}
    anew = {(table.name, name) for table, names in COLUMNS.items() for name in names}
    assert kept == anew | {("left_before_restore", "url_bidx")}
