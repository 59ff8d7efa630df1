"""Taking reports: durable, once, and joined to the open case of their location."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from router.casework.case import sealed
from router.casework.context import Context
from router.casework.intake import rows
from router.casework.intake import take as intake
from router.errors import Conflict
from router.store.base import Change, Transition
from router.store.schema.tables import audit, case_keys, cases, items, reports
from schemas.actor import Actor
from schemas.report import ReportGiven, ReportTaken
from schemas.states import CaseState
from schemas.vocabulary import Urgency
from tests.office import office, report

FORM = Actor(id="source:form", source="form")
CONTENT = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as opened:
        yield opened


def given(reference: str = "r-1", location: str = "https://example.test/page", **more: Any) -> ReportGiven:
    return ReportGiven.model_validate_json(orjson.dumps(report(reference, location, **more)))


async def test_everything_of_a_report_is_kept_and_opens_again(ctx: Context) -> None:
    account = {"platform": "chat", "handle": "marked-handle", "role": "suspect", "country": "NL"}
    ways = {"referrer": "https://from.test/marked", "steps": ["click twice"]}
    item = {"location": "https://example.test/marked#key", "ways_in": ways, "account": account, "site_type": "forum"}
    taken = await intake.take(ctx, given(items=[item], memo="marked memo"), FORM)
    (row,) = await ctx.store.rows(select(items))
    key = await sealed.key_of(ctx, taken.items[0].case)
    secrets = sealed.item_secrets(key, row["id"], row["sealed"])
    assert secrets.ways_in is not None
    assert (secrets.location, secrets.memo) == ("https://example.test/marked#key", "marked memo")
    assert (secrets.ways_in.referrer, secrets.account and secrets.account.handle) == (ways["referrer"], "marked-handle")
    for table in (reports, items, cases, audit):
        assert b"marked" not in repr(await ctx.store.rows(select(table))).encode()


async def test_the_same_report_again_gets_the_same_answer_and_adds_nothing(ctx: Context) -> None:
    first = await intake.take(ctx, given(), FORM)
    assert await intake.take(ctx, given(), FORM) == first
    assert len(await ctx.store.rows(select(items))) == 1


async def test_a_known_reference_with_another_body_is_refused(ctx: Context) -> None:
    await intake.take(ctx, given(), FORM)
    with pytest.raises(Conflict) as refused:
        await intake.take(ctx, given(location="https://other.test/"), FORM)
    assert (refused.value.reason, refused.value.field) == ("replayed_differently", "reference")


async def test_the_same_instant_with_another_offset_is_the_same_report(ctx: Context) -> None:
    first = await intake.take(ctx, given(received_at="2026-11-22T08:59:00Z"), FORM)
    assert await intake.take(ctx, given(received_at="2026-11-22T09:59:00+01:00"), FORM) == first
    with pytest.raises(Conflict):
        await intake.take(ctx, given(received_at="2026-11-22T08:59:00+01:00"), FORM)


async def test_the_same_location_joins_its_open_case_and_keeps_each_way_in(ctx: Context) -> None:
    first = await intake.take(ctx, given("r-1", "https://example.test/page"), FORM)
    second = await intake.take(ctx, given("r-2", "HTTPS://EXAMPLE.test:443/page"), FORM)
    other = await intake.take(ctx, given("r-3", "https://example.test/page#key"), FORM)
    assert first.items[0].case == second.items[0].case != other.items[0].case
    assert len(await ctx.store.rows(select(items).where(items.c.case_id == first.items[0].case))) == 2


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "https://example.test/%61",
            "https://example.test/a",
            "hxxps://example[.]test/a#",
            "URL: https://example.test/a,",
        ),
        (
            "http://expyuzz4wqqyqhjn.onion/a",
            "https://expyuzz4wqqyqhjn.onion.ws/a",
            "https://expyuzz4wqqyqhjn.onion.gate.test/a",
        ),
        (f"ipfs://{CONTENT}/a", f"https://ipfs.io/ipfs/{CONTENT}/a", f"https://gate.test/ipfs/{CONTENT}/a?filename=b"),
        (f"ed2k://|file|a|12|{'0' * 32}|/", f"ED2K://|FILE|b|12|{'0' * 32}|h=X|/"),
    ],
)
async def test_every_spelling_of_a_location_joins_its_case(ctx: Context, spellings: tuple[str, ...]) -> None:
    taken = [await intake.take(ctx, given(f"r-{n}", one), FORM) for n, one in enumerate(spellings)]
    assert len({one.items[0].case for one in taken}) == 1


async def test_a_closed_case_is_not_joined(ctx: Context) -> None:
    first = await intake.take(ctx, given("r-1"), FORM)
    over = {"state": CaseState.CLOSED, "outcome": "removed", "closed_at": 1, "next_at": None}
    await ctx.store.commit(Transition(1, (Change(cases, {"id": first.items[0].case}, over, 1),)))
    second = await intake.take(ctx, given("r-2"), FORM)
    assert second.items[0].case != first.items[0].case


async def test_a_graver_report_of_a_known_location_is_judged_anew(ctx: Context) -> None:
    first = await intake.take(ctx, given("r-1"), FORM)
    await intake.take(ctx, given("r-2", urgency="imminent_risk"), FORM)
    (case,) = await ctx.store.rows(select(cases))
    assert case["id"] == first.items[0].case
    assert (case["urgency"], case["rank"], case["state"]) == (Urgency.IMMINENT_RISK, 0, CaseState.RECEIVED)


async def test_twice_in_one_batch_is_once(ctx: Context) -> None:
    one, same, other = await intake.take_many(ctx, [given(), given(), given(location="https://else.test/")], FORM)
    assert isinstance(one, ReportTaken)
    assert one == same
    assert isinstance(other, Conflict)
    assert len(await ctx.store.rows(select(reports))) == 1


async def test_many_at_once_open_one_case(ctx: Context) -> None:
    """The loser of the race for a new case joins it; every item opens under the key of the winner."""
    taken = await asyncio.gather(*(intake.take(ctx, given(f"r-{n}"), FORM) for n in range(20)))
    assert len({one.items[0].case for one in taken}) == 1
    key = await sealed.key_of(ctx, taken[0].items[0].case)
    rows = await ctx.store.rows(select(items))
    assert len(rows) == 20
    assert {sealed.item_secrets(key, row["id"], row["sealed"]).reference for row in rows} == {
        f"r-{n}" for n in range(20)
    }
    assert len(await ctx.store.rows(select(case_keys))) == 1


async def test_a_number_that_is_taken_is_drawn_again(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await intake.take(ctx, given("r-1"), FORM)
    drawn = iter([first.dossier, first.dossier, "9M1061058"])
    monkeypatch.setattr(rows, "new_dossier", lambda: next(drawn))
    second = await intake.take(ctx, given("r-2"), FORM)
    assert second.dossier == "9M1061058"
    assert len(await ctx.store.rows(select(reports))) == 2


async def test_every_report_has_a_number_of_its_own_and_keeps_it(ctx: Context) -> None:
    batch = [given(f"r-{n}", f"https://example.test/{n % 3}") for n in range(50)]
    taken = await intake.take_many(ctx, batch, FORM)
    numbers = [one.dossier for one in taken if isinstance(one, ReportTaken)]
    assert len(set(numbers)) == 50
    assert await intake.take_many(ctx, batch, FORM) == taken
