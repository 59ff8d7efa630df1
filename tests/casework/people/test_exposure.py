import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from router.casework.context import Context
from router.casework.people.exposure import exposure, is_grave, looked, pause_of, revealing
from router.clock import StoryClock
from router.errors import NotAllowed
from router.guard.access import IN_PERSON, LOCAL_OPERATOR, ROLES, Permission
from router.store.base import Transition
from schemas.actor import Actor, Role
from schemas.casefile import ItemSecrets
from schemas.signin import ExposureSettings
from tests.office import office, person

ITEM = {"reference": "r-1", "location": "https://example.test/"}
ANNA, BOB = person("anna", Role.ANALYST), person("bob", Role.ANALYST)


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    """The house's limits are three within an hour, and eight a day."""
    async with office(tmp_path) as made:
        limits = ExposureSettings(a_day=8, an_hour=3, pause=timedelta(minutes=15))
        yield replace(made, door=replace(made.door, exposure=limits))


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


async def reveal(ctx: Context, who: Actor = ANNA, *, at_risk: bool = False, anyway: bool = False) -> str:
    """`yes`, or the reason why not."""
    try:
        counted = await revealing(ctx, who, at_risk=at_risk, anyway=anyway)
    except NotAllowed as error:
        return error.reason
    await ctx.store.commit(Transition(ctx.now(), adds=(counted,)))
    return "yes"


async def test_after_so_many_within_an_hour_there_is_a_pause_and_then_it_goes_on(ctx: Context) -> None:
    for _ in range(3):
        assert await reveal(ctx) == "yes"
        advance(ctx, minutes=5)
    assert await reveal(ctx) == "pause"
    assert await reveal(ctx, BOB) == "yes", "nobody pauses for another"
    advance(ctx, minutes=10)
    assert await reveal(ctx) == "yes"


async def test_who_looks_now_and_then_never_pauses(ctx: Context) -> None:
    for _ in range(7):
        assert await reveal(ctx) == "yes"
        advance(ctx, minutes=31)


async def test_the_days_limit_holds_until_midnight_here(ctx: Context) -> None:
    for _ in range(8):
        assert await reveal(ctx) == "yes"
        advance(ctx, minutes=31)
    assert await reveal(ctx) == "pause"
    until = await pause_of(ctx, "person:anna")
    assert until is not None
    assert f"{until.astimezone(ctx.zone):%H:%M}" == "00:00"
    advance(ctx, seconds=(until - ctx.clock.now()).total_seconds())
    assert await reveal(ctx) == "yes"


async def test_a_pause_never_blocks_a_child_at_risk_another_person_is_offered_first(ctx: Context) -> None:
    for _ in range(3):
        await reveal(ctx)
    assert await reveal(ctx, at_risk=True) == "pause_risk"
    assert await reveal(ctx, at_risk=True, anyway=True) == "yes"
    assert await reveal(ctx, anyway=True) == "pause", "saying so is not enough"
    (one,) = await exposure(ctx, "anna")
    assert (one.reveals, one.past_pause) == (4, 1)


async def test_a_house_that_sets_no_limit_has_none(ctx: Context) -> None:
    free = replace(ctx, door=replace(ctx.door, exposure=ExposureSettings()))
    for _ in range(30):
        assert await reveal(free) == "yes"


async def test_counted_by_person_and_day_here_by_name_and_not_by_number(ctx: Context) -> None:
    zoe = person("zoe", Role.ANALYST)
    await reveal(ctx, zoe)
    await reveal(ctx, zoe)
    await reveal(ctx)
    await looked(ctx, ANNA)
    advance(ctx, hours=14)  # past midnight in Brussels
    await reveal(ctx)
    found = [(one.account, one.day, one.reveals, one.looks) for one in await exposure(ctx)]
    first, second = date(2026, 11, 22), date(2026, 11, 23)
    assert found == [("anna", first, 1, 1), ("anna", second, 1, 0), ("zoe", first, 2, 0)]
    assert {one.account for one in await exposure(ctx, "anna")} == {"anna"}
    advance(ctx, days=40)
    assert await exposure(ctx) == []


async def test_whoever_made_the_token_it_counts_for_the_person(ctx: Context) -> None:
    await reveal(ctx, ANNA.model_copy(update={"id": "person:anna/local:root"}))
    assert [one.account for one in await exposure(ctx)] == ["anna"]


def test_it_is_the_wellbeing_leads_alone_and_they_see_no_case() -> None:
    assert {role for role, held in ROLES.items() if Permission.EXPOSURE_READ in held} == {Role.WELLBEING}
    assert ROLES[Role.WELLBEING] == {Permission.EXPOSURE_READ, Permission.TOKEN_OWN}
    assert Permission.EXPOSURE_READ in IN_PERSON
    assert Permission.EXPOSURE_READ not in LOCAL_OPERATOR


WHEN = "2026-11-22T10:00:00Z"
SAID: dict[str, dict[str, object]] = {
    "age:infant": {"age": "infant"},
    "severity:copine:9": {"severity": {"scheme": "copine", "value": "9", "by": "analyst 7", "at": WHEN}},
    "label:ucs:a:b": {"labels": [{"scheme": "ucs", "value": "a:b", "by": "analyst 7", "at": WHEN}]},
}


@pytest.mark.parametrize("word", SAID)
async def test_grave_is_what_the_house_names_and_any_report_says(ctx: Context, word: str) -> None:
    items = {one: ItemSecrets.model_validate_json(json.dumps({**ITEM, **said})) for one, said in SAID.items()}
    named = replace(ctx, door=replace(ctx.door, exposure=ExposureSettings(grave=(word,))))
    assert [is_grave(named, [items[one]]) for one in SAID] == [one == word for one in SAID]
    assert is_grave(named, items.values())
    assert not is_grave(named, [])
    assert not is_grave(named, [ItemSecrets.model_validate(ITEM)])


@pytest.mark.parametrize("word", ["infant", "age", "label:ucs", "severity:", "sex:x"])
def test_a_word_that_names_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValidationError):
        ExposureSettings(grave=(word,))
