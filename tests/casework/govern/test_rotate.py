"""A new master key while others work: gone on with when cut, nothing unreadable in between, N days for the old one."""

import ast
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import router.casework
from router.casework.case.record import open_case
from router.casework.deliver import stops
from router.casework.govern.rotate import FORMER, RECORDS, retire, rotate
from router.casework.read.audit_log import trail
from router.casework.read.sites import host_called
from router.errors import Damaged
from router.guard.master import MASTER_FILE, load_keys, load_or_create_master, open_keyring
from router.guard.seal import ID
from router.store.base import Change, Row, Transition
from router.store.schema.tables import case_keys, cases
from router.store.schema.tables import stops as stop_rows
from schemas.site import written
from tests import postgres_server
from tests.casebook import ANNA, Casebook, casebook
from tests.store.samples import KEYRING

Book = tuple[Casebook, Path]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Book]:
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgresql":
            fresh = postgres_server.fresh_database(request.getfixturevalue("postgres_server_dsn"))
            url = await stack.enter_async_context(fresh)
        book = await stack.enter_async_context(casebook(tmp_path, url=url))
        book.ctx = replace(book.ctx, keyring=open_keyring(path), key_file=path)
        yield book, path


async def keys(book: Casebook) -> list[Row]:
    return await book.rows(case_keys)


def nothing(done: int) -> None:
    del done


async def test_every_wrapped_key_and_record_is_anew_and_opens(opened: Book) -> None:
    book, path = opened
    cases = [await book.take(f"https://example.test/{n}", f"r-{n}") for n in range(4)]
    await stops.stop(book.ctx, "all", ANNA, "an exercise")
    before, index = await keys(book), book.ctx.keyring.blind("url", "x")
    done = await rotate(book.ctx, path, nothing)
    assert (done.is_new, done.rows, done.until) == (True, 6, book.ctx.now() + FORMER // timedelta(microseconds=1))
    after = await keys(book)
    assert {row["wrapped"][2:6] for row in after}.isdisjoint({row["wrapped"][2:6] for row in before})
    for case_id in cases:
        assert (await open_case(book.ctx, await book.case(case_id))).secrets.canonical
    (stop,) = await stops.stops(book.ctx)
    assert stop.reason == "an exercise"
    assert [one.reason for one in (await trail(book.ctx))[0] if one.act == "stopped"] == ["an exercise"]
    assert book.ctx.keyring.blind("url", "x") == index, "what is compared is compared as before"
    assert await book.take("https://example.test/1", "again") == cases[1]


async def test_a_process_that_knows_the_old_key_reads_and_writes_on(opened: Book) -> None:
    book, path = opened
    case_id = await book.take()
    other = replace(book.ctx, keyring=open_keyring(path))
    await rotate(book.ctx, path, nothing)
    assert (await open_case(other, await book.case(case_id))).id == case_id
    late = replace(book, ctx=replace(book.ctx, keyring=open_keyring(path)))
    assert await late.take("https://example.test/late", "late")


async def test_one_that_was_cut_is_gone_on_with_under_the_same_key(opened: Book) -> None:
    book, path = opened
    for n in range(3):
        await book.take(f"https://example.test/{n}", f"r-{n}")

    def cut(done: int) -> None:
        raise KeyboardInterrupt

    before = await keys(book)
    with pytest.raises(KeyboardInterrupt):
        await rotate(book.ctx, path, cut)
    stands = load_keys(path).current
    first = {"case_id": before[0]["case_id"]}
    await book.ctx.store.commit(_back(first, before[0]["wrapped"]))
    done = await rotate(replace(book.ctx, keyring=open_keyring(path)), path, nothing)
    assert (done.is_new, done.rows, load_keys(path).current) == (False, 1, stands)


def _back(key: dict[str, str], wrapped: bytes) -> Transition:
    return Transition(0, [Change(case_keys, key, {"wrapped": wrapped})])


async def test_n_days_later_no_older_copy_of_a_wrapped_key_is_usable(opened: Book) -> None:
    """As it stands in a replica, in an archived journal, or in a backup of the database."""
    book, path = opened
    assert timedelta(days=30) == FORMER
    case_id = await book.take()
    (copy,) = await keys(book)
    await rotate(book.ctx, path, nothing)
    book.later(days=29)
    assert await retire(book.ctx) is False
    assert book.ctx.keyring.unwrap(case_id, copy["wrapped"])
    late = open_keyring(path)  # a process wrapped by the old key in the seconds of the rotation
    await book.ctx.store.commit(_back({"case_id": case_id}, copy["wrapped"]))
    book.later(days=1, seconds=1)
    assert await retire(book.ctx) is True
    for keyring in (book.ctx.keyring, open_keyring(path)):
        with pytest.raises(Damaged):
            keyring.unwrap(case_id, copy["wrapped"])
    late.follow(now=True)
    assert (await open_case(replace(book.ctx, keyring=late), await book.case(case_id))).id == case_id
    assert len(load_keys(path).former) == 0
    assert await retire(book.ctx) is False


async def test_what_nothing_opens_stays_as_it_is_and_stops_nobody(opened: Book) -> None:
    book, path = opened
    cases = [await book.take(f"https://example.test/{n}", f"r-{n}") for n in range(2)]
    foreign = KEYRING.new_case_key(cases[0])[1]
    await book.ctx.store.commit(_back({"case_id": cases[0]}, foreign))
    assert (await rotate(book.ctx, path, nothing)).rows == 1
    kept = {row["case_id"]: row["wrapped"] for row in await keys(book)}
    assert kept[cases[0]] == foreign
    assert (await rotate(book.ctx, path, nothing)).is_new


def test_every_room_that_seals_a_record_has_its_row() -> None:
    """A record that is not sealed anew could not be opened any more once the old key is gone."""
    folder = Path(router.casework.__file__).parent
    sealing = {
        path.stem
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "seal_record"
    }
    assert sealing == {
        "embargoes", "factors", "requests", "second_person", "given_back", "pause", "stops", "typed_reason",
    }  # fmt: skip
    assert len({one.sealed.table.name for one in RECORDS}) == len(sealing)


async def test_a_stop_of_the_old_key_is_still_read(opened: Book) -> None:
    book, path = opened
    await stops.stop(book.ctx, "all", ANNA, "before")
    (sealed,) = await book.ctx.store.rows(select(stop_rows.c.sealed))
    await rotate(book.ctx, path, nothing)
    (anew,) = await book.ctx.store.rows(select(stop_rows.c.sealed))
    assert sealed != anew


async def test_a_host_is_found_by_its_tag_also_when_no_master_of_its_day_is_held(opened: Book) -> None:
    book, path = opened
    await book.take("https://tagged.test/", "r-1")
    (row,) = await book.ctx.store.rows(select(cases.c.host_bidx))
    await rotate(book.ctx, path, nothing)
    book.later(days=30, seconds=1)
    assert await retire(book.ctx)
    assert await host_called(book.ctx, written(bytes(row["host_bidx"])[ID:])) == bytes(row["host_bidx"])
