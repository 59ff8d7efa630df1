"""What is left of a case whose time is over: nothing that says what it was, on disk either, and its figures."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select

from router.casework.desk import take_back
from router.casework.govern.rotate import FORMER, retire, rotate
from router.casework.read.case_file import case_file
from router.casework.read.lists import list_cases
from router.casework.retention.purge import purge
from router.errors import Damaged, NotFound
from router.guard.master import MASTER_FILE, load_or_create_master, open_keyring
from router.store.checkpoint import verify_audit
from router.store.schema.tables import case_keys, cases, metadata
from schemas.retention import Kept
from tests import postgres_server
from tests.casebook import ANNA, Casebook, casebook
from tests.casework.retention.lives import CASES, HANDLES, URLS, closed

CANARY = "kanarie7q"


async def counts(book: Casebook) -> dict[Kept, int]:
    return (await purge(book.ctx, ANNA)).erased


async def test_without_its_handle_a_case_is_still_read(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "the-handle", "role": "suspect", "country": "NL"}
    case_id = await closed(book, item={"account": account})
    book.clock.advance(HANDLES)
    await counts(book)
    file = await case_file(book.ctx, case_id)
    assert "the-handle" not in file.model_dump_json()
    assert (await book.referral(case_id))["payload"] is None


async def test_without_its_location_nobody_reads_it_and_nobody_can_ask_for_it(book: Casebook) -> None:
    case_id = await closed(book)
    before = (await book.case(case_id))["url_bidx"]
    book.clock.advance(URLS)
    await counts(book)
    case = await book.case(case_id)
    assert (case["url_bidx"], case["host_bidx"], case["sealed"], case["erased"]) == (b"", None, b"", Kept.URLS)
    assert await book.ctx.store.rows(select(cases.c.id).where(cases.c.url_bidx == before)) == []
    assert await book.rows(case_keys) == []
    assert (await list_cases(book.ctx)).items == []
    with pytest.raises(NotFound):
        await take_back.reopen(book.ctx, case_id, ANNA, "again")
    assert (case["outcome"], case["hosting_country"], case["source"]) == ("removed", "NL", "analysts"), "figures stay"


async def test_reported_again_after_that_it_is_a_case_of_its_own(book: Casebook) -> None:
    case_id = await closed(book)
    book.clock.advance(URLS)
    await counts(book)
    assert await book.take(reference="r-2") != case_id


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    async with postgres_server.fresh_database(request.getfixturevalue("postgres_server_dsn")) as fresh:
        yield fresh


@asynccontextmanager
async def marked(folder: Path, url: str | None) -> AsyncIterator[tuple[Casebook, bytes]]:
    """A closed case of a marked location, and its wrapped key."""
    async with casebook(folder, url=url) as book:
        account = {"platform": "chat", "handle": f"handle-{CANARY}", "role": "suspect", "country": "NL"}
        way = {"referrer": f"https://from-{CANARY}.test/"}
        item = {"account": account, "ways_in": way}
        await closed(book, location=f"https://{CANARY}.test/p-{CANARY}", item=item, memo=f"memo {CANARY}")
        (key,) = await book.rows(case_keys)
        yield book, bytes(key["wrapped"])


async def test_nothing_that_was_written_tells_what_it_was_and_no_key_of_it_is_left(
    tmp_path: Path, url: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with marked(tmp_path, url) as (book, wrapped):
        assert url is not None or wrapped in _written(tmp_path), "before it is erased the key is there"
        book.clock.advance(URLS)
        assert await counts(book) == {Kept.URLS: 1}
        assert await book.rows(case_keys) == []
        if url is None:
            assert wrapped not in _written(tmp_path), "neither the file nor its journal has it"
        else:
            rows = [str(one) for table in metadata.sorted_tables for one in await book.ctx.store.rows(select(table))]
            assert CANARY not in "\n".join(rows)
        assert CANARY.encode() not in _written(tmp_path).lower()
    assert CANARY not in caplog.text.lower()


@pytest.mark.postgres
async def test_no_file_of_postgresql_tells_it_and_no_key_in_one_is_usable_n_days_later(
    tmp_path: Path, postgres_server_dsn: str
) -> None:
    """Its journal, its tables' dead rows and its log keep what was written: that is what N days are for."""
    (row,) = await _asked(postgres_server_dsn, "SHOW data_directory")
    folder = Path(row["data_directory"]).parent
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with postgres_server.fresh_database(postgres_server_dsn) as url, casebook(tmp_path / "one", url=url) as book:
        book.ctx = replace(book.ctx, keyring=open_keyring(path), key_file=path)
        account = {"platform": "chat", "handle": f"handle-{CANARY}", "role": "suspect"}
        case_id = await closed(book, location=f"https://{CANARY}.test/{CANARY}", item={"account": account})
        (before,) = [bytes(row["wrapped"]) for row in await book.rows(case_keys)]
        book.clock.advance(URLS)
        assert await counts(book) == {Kept.URLS: 1}
        other = await closed(book, location=f"https://other-{CANARY}.test/", reference="r-2")
        await rotate(book.ctx, path, lambda _: None)
        (after,) = [bytes(row["wrapped"]) for row in await book.rows(case_keys)]
        written = _written(folder)  # a checkpoint may write over the journal's oldest files
        await _asked(postgres_server_dsn, "CHECKPOINT")
        written += _written(folder)
        assert CANARY.encode() not in written.lower()
        assert _part_of(before, written), "or this could not fail: the journal has it"
        assert _part_of(after, written)
        assert book.ctx.keyring.unwrap(case_id, before), "for N days it is usable"
        book.later(days=FORMER.days, seconds=1)
        assert await retire(book.ctx)
        heads = {
            before[:6]: (case_id, other),
            after[:6]: (case_id,),
        }
        for head, ids in heads.items():
            for at in re.finditer(re.escape(head), written):
                for one in ids:
                    with pytest.raises(Damaged):
                        book.ctx.keyring.unwrap(one, written[at.start() : at.start() + len(before)])
        assert book.ctx.keyring.unwrap(other, after), "what is not erased is read as before"


async def _asked(dsn: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


def _part_of(key: bytes, written: bytes) -> bool:
    """Tell whether a part of a key stands there that nobody guesses: a page of the journal may end within it."""
    half = len(key) // 2
    return key[:half] in written or key[half:] in written


def _written(folder: Path) -> bytes:
    """Everything below the folder: the database, its journal, the keys' file."""
    found = []
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a server that runs takes some of its files away meanwhile
            found += [file.read_bytes()] if file.is_file() else []
    return b"".join(found)


async def test_the_chain_still_verifies_and_what_people_typed_is_gone(book: Casebook) -> None:
    await closed(book)
    book.clock.advance(URLS)
    await counts(book)
    await book.ctx.store.checkpoint(book.ctx.now())
    _, found = await verify_audit(book.ctx.store.rows, book.ctx.keyring)
    assert found == []


async def test_the_figures_are_the_same_before_and_after(book: Casebook) -> None:
    await closed(book)
    kept = [table for table in metadata.sorted_tables if table.name.startswith("figure_")]
    before = [await book.rows(table) for table in kept]
    assert any(before)
    for period in (HANDLES, URLS, CASES):
        book.clock.advance(period)
        await counts(book)
    assert await book.rows(cases) == []
    assert [await book.rows(table) for table in kept] == before
