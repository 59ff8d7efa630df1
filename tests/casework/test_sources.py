"""Who may report from the first start on, and that an operator's own list is left alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.sources import ensure_sources
from router.guard.seal import Keyring
from router.store.base import Remove, Row, Transition
from router.store.opening import open_store
from router.store.tables import audit, sources
from router.store.writer import Writer
from schemas.vocabulary import Lane, SourceKind
from tests.office import MASTER


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Writer]:
    opened = await open_store(None, tmp_path, Keyring.open(MASTER))
    yield opened
    await opened.close()


async def by_name(store: Writer) -> dict[str, Row]:
    return {row["name"]: row for row in await store.rows(select(sources))}


async def test_the_first_start_knows_the_usual_sources(store: Writer) -> None:
    await ensure_sources(store, 1)
    known = await by_name(store)
    assert {"form", "analysts", "police", "crawler"} <= set(known)
    assert all(SourceKind(row["kind"]) and Lane(row["lane"]) for row in known.values())


async def test_neither_a_citizen_nor_a_machine_assesses(store: Writer) -> None:
    await ensure_sources(store, 1)
    known = await by_name(store)
    assert {name for name, row in known.items() if row["assesses"]} == {"analysts", "police"}


async def test_a_crawler_waits_behind_everybody(store: Writer) -> None:
    await ensure_sources(store, 1)
    assert [name for name, row in (await by_name(store)).items() if row["lane"] == Lane.BULK] == ["crawler"]


async def test_later_starts_leave_the_operators_list_alone(store: Writer) -> None:
    await ensure_sources(store, 1)
    await store.commit(Transition(2, removes=(Remove(sources, {"name": "crawler"}),)))
    await ensure_sources(store, 3)
    assert "crawler" not in await by_name(store)
    assert [row["act"] for row in await store.rows(select(audit))] == ["sources.added"]


async def test_two_processes_that_start_at_once_do_not_trip_over_each_other(store: Writer) -> None:
    await asyncio.gather(ensure_sources(store, 1), ensure_sources(store, 1), ensure_sources(store, 1))
    assert len(await by_name(store)) == 4
