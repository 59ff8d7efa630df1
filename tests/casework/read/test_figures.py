"""Figures over a period: what a hotline printed, an empty one, and the same before and after everything is erased."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from router.casework.believed import beat
from router.casework.desk import case_acts
from router.casework.read.figures import counted
from router.casework.retention.purge import purge
from router.clock import micros
from router.errors import BadInput
from router.store.base import Add, Remove, Transition
from router.store.schema.tables import (
    actions,
    case_keys,
    cases,
    decisions,
    directories,
    follow_ups,
    items,
    referrals,
    reports,
    traces,
)
from schemas.partner import Directory
from schemas.published import Audience, Figures, Hidden, Period
from schemas.retention import Kept
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, PARTNERS, Casebook

YEAR = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))
TEN_MONTHS = Period(first=date(2021, 1, 1), last=date(2021, 10, 31))


def numbers(said: Figures) -> dict[str, int | None]:
    return {f"{one.measure} {one.dimension} {one.key}": one.value for one in said.figures}


async def test_ten_months_of_2021_against_those_of_2019(book: Casebook) -> None:
    """As the release of 18 November 2021 has it: 1,883 against 1,036, 82 % more. A day on either side is not in it."""
    began = {year: datetime(year, 1, 1, tzinfo=UTC) for year in (2019, 2021)}
    days = [(2021, 1883), (2019, 1036)]
    dates = [began[year] + timedelta(days=303) * n / (many - 1) for year, many in days for n in range(many)]
    dates += [datetime(year, 11, 1, tzinfo=UTC) for year in began] + [datetime(2018, 12, 31, 22, 59, tzinfo=UTC)]
    rows = [
        {
            "id": f"r{n:05}", "source": "form", "reference_bidx": str(n).encode(), "body_digest": b"",
            "urgency": "none", "received_at": micros(at), "taken_at": micros(at), "assessment": "unassessed",
            "lane": "normal",
        }
        for n, at in enumerate(sorted(dates))
    ]  # fmt: skip
    await book.ctx.store.commit(Transition(0, adds=[Add(reports, row) for row in rows]))
    for audience in (Audience.PUBLIC, Audience.INHOPE, Audience.PLATFORM, Audience.INTERNAL):
        said = await counted(book.ctx, audience, TEN_MONTHS, against=2019)
        (received,) = (one for one in said.figures if (one.measure, one.dimension) == ("reports", "total"))
        assert (received.value, received.before, received.percent) == (1883, 1036, 82)
    assert said.against == Period(first=date(2019, 1, 1), last=date(2019, 10, 31))
    assert said.live_since == date(2018, 12, 31)


@pytest.fixture
async def lived(book: Casebook) -> Casebook:
    """One removed on a partner's word, one not illegal, one open and one repeated, one that a person sent."""
    listed = Directory(version=7, partners=PARTNERS).model_dump_json()
    await book.ctx.store.commit(
        Transition(0, adds=[Add(directories, {"version": 7, "published_at": 0, "by": "t", "body": listed})])
    )
    gone = await book.accepted()
    book.later(days=2)
    await case_acts.close(book.ctx, gone, ANNA, "it is gone", outcome=Outcome.REMOVED)
    await book.decided("https://example.test/open", "r-2", item={"age": "infant"})
    await book.take("https://example.test/open", "r-3", FORM)
    await book.take("https://example.test/page", "r-4", FORM)
    return book


async def test_a_life_is_counted_as_it_went(lived: Casebook) -> None:
    found = numbers(await counted(lived.ctx, Audience.INTERNAL, YEAR))
    expected = {
        "reports total all": 4, "items total all": 4, "items way opened": 3, "items way open_case": 1,
        "cases total all": 3, "repeat_closed_case total all": 1, "cases outcome removed": 1, "cases outcome open": 2,
        "cases hosted eea": 2, "cases hosted not_located": 1, "cases age infant": 1, "actioned total all": 1,
        "actioned accepted_to_gone lt_72h": 1, "actioned to hotline": 1, "times gone_said_by staff": 1,
        "times within 5d_of_acceptance": 1, "referrals how automatic": 1, "referrals total all": 1,
        "cases assessment baseline": 2, "cases assessment unassessed": 1, "cases assessed_by source": 2,
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected


async def test_figures_before_and_after_everything_is_erased_agree(lived: Casebook) -> None:
    before = [(await counted(lived.ctx, audience, YEAR)).model_dump() for audience in Audience]
    for table in (actions, case_keys, decisions, follow_ups, items, referrals, reports, traces, cases):
        key = [column.name for column in table.primary_key]
        gone = [Remove(table, {name: row[name] for name in key}) for row in await lived.rows(table)]
        await lived.ctx.store.commit(Transition(0, removes=gone))
    assert not await lived.rows(cases)
    assert [(await counted(lived.ctx, audience, YEAR)).model_dump() for audience in Audience] == before


async def test_figures_before_and_after_a_purge_agree(lived: Casebook) -> None:
    for row in await lived.rows(cases, cases.c.state != CaseState.CLOSED):
        await case_acts.close(lived.ctx, row["id"], ANNA, "over", outcome=Outcome.UNAVAILABLE)
    before = [(await counted(lived.ctx, audience, YEAR)).model_dump() for audience in Audience]
    lived.later(days=4000)
    assert (await purge(lived.ctx, ANNA)).erased == {Kept.CASES: 3}
    assert [await lived.rows(table) for table in (cases, items, referrals, reports)] == [[]] * 4
    assert [(await counted(lived.ctx, audience, YEAR)).model_dump() for audience in Audience] == before


@pytest.mark.parametrize("audience", Audience)
async def test_a_period_without_anything_is_an_answer(book: Casebook, audience: Audience) -> None:
    said = await counted(book.ctx, audience, YEAR)
    assert said.answer is not None
    assert {one.value for one in said.figures} == {0}
    assert said.live_since is None
    if audience is Audience.DSA:
        assert said.answer.startswith("No notices yet")


async def test_everybody_is_told_that_it_is_few(lived: Casebook) -> None:
    said = await counted(lived.ctx, Audience.PUBLIC, YEAR)
    assert {one.hidden for one in said.figures if one.value is None} == {Hidden.FEW}
    assert {one.value for one in said.figures} == {None}


@pytest.mark.parametrize(
    ("period", "more"),
    [
        (Period(first=date(2026, 2, 1), last=date(2026, 1, 1)), {}),
        (Period(first=date(2001, 1, 1), last=date(2026, 1, 1)), {}),
        (YEAR, {"against": 0}),
        (YEAR, {"version": "v0"}),
    ],
)
async def test_what_cannot_be_counted_is_refused(book: Casebook, period: Period, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await counted(book.ctx, Audience.INTERNAL, period, **more)


async def test_what_ends_by_a_clock_in_doubt_is_counted_apart_and_in_no_bin_before_and_after_a_purge(
    book: Casebook,
) -> None:
    long_ = Period(first=date(2026, 1, 1), last=date(2027, 12, 31))
    early = [await book.accepted(location=f"https://example.test/{n}", reference=f"r-{n}") for n in range(2)]
    await beat(book.ctx)
    book.clock.move(timedelta(days=365))
    await beat(book.ctx)
    await case_acts.close(book.ctx, early[0], ANNA, "it is gone", outcome=Outcome.REMOVED)
    late = await book.accepted(location="https://example.test/late", reference="r-late")
    book.clock.move(timedelta(days=-365))
    await beat(book.ctx)
    book.later(days=2)
    for case_id in (early[1], late):
        await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
    said = await counted(book.ctx, Audience.INTERNAL, long_)
    bins = {name: value for name, value in numbers(said).items() if "accepted_to_gone" in name}
    assert bins == {"actioned accepted_to_gone clock_in_doubt": 2, "actioned accepted_to_gone lt_72h": 1}
    assert numbers(said)["times sent_to_accepted clock_in_doubt"] == 1
    (curve,) = said.curves
    assert (curve.lives, curve.in_doubt) == (1, 2)
    assert "clock_in_doubt" in said.means
    book.later(days=4000)
    assert (await purge(book.ctx, ANNA)).erased == {Kept.CASES: 3}
    after = await counted(book.ctx, Audience.INTERNAL, long_)
    assert (after.figures, after.curves) == (said.figures, said.curves)
