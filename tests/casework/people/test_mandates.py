from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from router.casework.context import Context
from router.casework.people.accounts import change_role, close_account
from router.casework.people.mandates import all_mandates, check_may_look, end, give
from router.casework.people.tokens import add_account
from router.clock import StoryClock
from router.errors import BadInput, Conflict, NotAllowed, NotFound, RouterError
from router.guard.access import seen_from
from schemas.actor import ROUTER, Actor, Role
from schemas.people import MandateGiven
from tests.office import door, office, person

BOSS = person("boss", Role.SUPERVISOR)
TODAY = date(2026, 11, 22)


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        for name, role in (("anna", Role.ANALYST), ("boss", Role.SUPERVISOR), ("vera", Role.VIEWER)):
            await add_account(made, name, role, ROUTER)
        yield made


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


async def may_look(ctx: Context, actor: Actor) -> str:
    """`yes`, or the reason why not."""
    try:
        await check_may_look(ctx, actor)
    except NotAllowed as error:
        return error.reason
    return "yes"


async def test_a_mandate_is_asked_on_each_reveal_and_lasts_to_the_end_of_its_day_here(ctx: Context) -> None:
    anna = person("anna", Role.ANALYST)
    made = await give(ctx, "anna", MandateGiven(until=TODAY), BOSS)
    assert made.ends_at == datetime(2026, 11, 22, 23, tzinfo=UTC), "midnight in Brussels"
    assert await may_look(ctx, anna) == "yes"
    advance(ctx, hours=14)
    assert await may_look(ctx, anna) == "mandate"
    await give(ctx, "anna", MandateGiven(until=TODAY + timedelta(days=9)), BOSS)
    assert await may_look(ctx, anna) == "yes"


async def test_who_never_had_one_looks_by_role_unless_the_house_asks_everybody(ctx: Context) -> None:
    anna = person("anna", Role.ANALYST)
    assert await may_look(ctx, anna) == "yes"
    asking = replace(ctx, door=door(mandates=True))
    assert await may_look(asking, anna) == "mandate"
    await give(ctx, "anna", MandateGiven(until=TODAY), BOSS)
    assert await may_look(asking, anna) == "yes"


async def test_one_that_is_ended_is_over_at_once_and_says_who_ended_it(ctx: Context) -> None:
    made = await give(ctx, "anna", MandateGiven(until=TODAY), BOSS)
    await end(ctx, made.id, BOSS)
    assert await may_look(ctx, person("anna", Role.ANALYST)) == "mandate"
    (one,) = await all_mandates(ctx, "anna")
    assert (one.in_force, one.ended_by, one.given_by) == (False, "person:boss", "person:boss")
    with pytest.raises(Conflict):
        await end(ctx, made.id, BOSS)


@pytest.mark.parametrize(
    ("name", "until", "actor", "error"),
    [
        ("boss", TODAY, BOSS, NotAllowed),
        ("anna", TODAY - timedelta(days=1), BOSS, BadInput),
        ("anna", TODAY + timedelta(days=900), BOSS, BadInput),
        ("anna", date.max, BOSS, BadInput),
        ("vera", TODAY, BOSS, Conflict),
        ("nobody", TODAY, BOSS, NotFound),
    ],
)
async def test_what_is_no_mandate(ctx: Context, name: str, until: date, actor: Actor, error: type[RouterError]) -> None:
    with pytest.raises(error):
        await give(ctx, name, MandateGiven(until=until), actor)
    assert await all_mandates(ctx) == []


async def test_no_mandate_gives_what_the_role_does_not(ctx: Context) -> None:
    await give(ctx, "anna", MandateGiven(until=TODAY + timedelta(days=9)), BOSS)
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        assert await may_look(ctx, person("anna", role)) == "case:reveal"


async def test_it_ends_with_the_role_and_with_the_account(ctx: Context) -> None:
    for act in (lambda: change_role(ctx, "anna", Role.SUPERVISOR, ROUTER), lambda: close_account(ctx, "anna", ROUTER)):
        await give(ctx, "anna", MandateGiven(until=TODAY), BOSS)
        await act()
        assert not any(one.in_force for one in await all_mandates(ctx, "anna"))


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("2001:db8:1::5", True),
        ("192.0.3.7", False),
        ("2001:db8:2::5", False),
        ("127.0.0.1", False),
        ("", False),
        ("192.0.2.7, 203.0.113.1", False),
        ("localhost", False),
    ],
)
async def test_locations_are_shown_in_the_networks_named_and_nowhere_else(
    ctx: Context, address: str, inside: bool
) -> None:
    networks = ("192.0.2.0/24", "2001:db8:1::/48")
    anna = person("anna", Role.ANALYST)
    assert await may_look(ctx, seen_from(anna, address, networks)) == ("yes" if inside else "reveal_from")
    assert await may_look(ctx, seen_from(anna, address, ())) == "yes"
    assert await may_look(ctx, seen_from(person("vera", Role.VIEWER), address, networks)) == "case:reveal"
