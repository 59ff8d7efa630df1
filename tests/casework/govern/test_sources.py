"""Who may report from the first start on, that an operator's own list is left alone, and how it is changed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.deliver.source_cap import start_of_day
from router.casework.govern.sources import add_source, change_source, ensure_sources, list_sources
from router.delivery.partner_state import DAY
from router.errors import BadInput, Conflict, NotFound
from router.guard.seal import Keyring
from router.store.base import Add, Remove, Row, Transition
from router.store.connect import open_store
from router.store.schema.tables import audit, source_sent, sources
from router.store.writer import Writer
from schemas.actor import ROUTER
from schemas.source import SourceChange, SourceGiven, SourceView
from schemas.vocabulary import Lane, SourceKind
from tests.office import MASTER, office


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Writer]:
    opened = await open_store(None, tmp_path, Keyring.open(MASTER))
    yield opened
    await opened.close()


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as opened:
        yield opened


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


async def acts(ctx: Context) -> list[tuple[str, str]]:
    rows = await ctx.store.rows(select(audit).where(audit.c.act.like("source.%")).order_by(audit.c.seq))
    return [(row["act"], row["detail"]) for row in rows]


@pytest.mark.parametrize(
    ("kind", "lane", "given"),
    [
        (SourceKind.CRAWLER, Lane.BULK, {}),
        (SourceKind.POLICE, Lane.URGENT, {}),
        (SourceKind.PUBLIC, Lane.NORMAL, {}),
        (SourceKind.CRAWLER, Lane.NORMAL, {"lane": Lane.NORMAL}),
    ],
)
async def test_a_new_source_gets_its_kinds_lane_unless_it_is_given_one(
    ctx: Context, kind: SourceKind, lane: Lane, given: dict[str, Lane]
) -> None:
    made = await add_source(ctx, SourceGiven(name="new", kind=kind, **given), ROUTER)
    assert (made.lane, made.assesses, made.daily_cap) == (lane, False, None)
    assert made in await list_sources(ctx)


async def test_a_name_is_taken_once(ctx: Context) -> None:
    with pytest.raises(Conflict, match="source with this name"):
        await add_source(ctx, SourceGiven(name="form", kind=SourceKind.CRAWLER), ROUTER)


async def test_only_what_is_named_changes_and_it_is_written_down(ctx: Context) -> None:
    changed = await change_source(ctx, "form", SourceChange(daily_cap=7, assesses=True), ROUTER)
    assert changed == SourceView(
        name="form", kind=SourceKind.PUBLIC, assesses=True, lane=Lane.NORMAL, daily_cap=7, may_ring=True, sent_today={}
    )
    changed = await change_source(ctx, "form", SourceChange(uncapped=True, lane=Lane.URGENT), ROUTER)
    assert (changed.daily_cap, changed.lane, changed.assesses) == (None, Lane.URGENT, True)
    assert (await acts(ctx))[-2:] == [
        ("source.changed", '{"assesses":1,"daily_cap":7,"source":"form"}'),
        ("source.changed", '{"daily_cap":null,"lane":"urgent","source":"form"}'),
    ]


async def test_what_cannot_be_changed(ctx: Context) -> None:
    with pytest.raises(NotFound, match="sources list"):
        await change_source(ctx, "nobody", SourceChange(daily_cap=7), ROUTER)
    with pytest.raises(BadInput, match="Name what is to change"):
        await change_source(ctx, "form", SourceChange(), ROUTER)
    with pytest.raises(ValueError, match="or is uncapped"):
        SourceChange(daily_cap=7, uncapped=True)


async def test_what_counted_today_is_listed_and_yesterdays_is_not(ctx: Context) -> None:
    today = start_of_day(ctx.now())
    counted = [("form", "nl", today, 4), ("form", "ca", today, 0), ("form", "de", today - DAY, 9)]
    adds = [Add(source_sent, {"source": s, "partner": p, "day": d, "sent": n}) for s, p, d, n in counted]
    await ctx.store.commit(Transition(1, adds=adds))
    assert {one.name: one.sent_today for one in await list_sources(ctx)} == {"analysts": {}, "form": {"nl": 4}}
