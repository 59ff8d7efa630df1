from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import factors
from router.casework.people.accounts import change_role, close_account
from router.casework.people.farewell import KNOWN, farewells_of, tick_off
from router.casework.people.tokens import add_account, create_token
from router.errors import Conflict, NotAllowed, NotFound
from router.store.base import Add, Transition
from router.store.schema.tables import factors as kept
from router.store.schema.tables import leases, viewings
from schemas.actor import ROUTER, Actor, Role
from schemas.acts import TokenGiven
from schemas.people import Known
from tests.office import office, person

ADMIN, OTHER = person("admin", Role.ADMINISTRATOR), person("boss", Role.SUPERVISOR)
ALWAYS = {Known.MACHINE, Known.PAPER, Known.ALARMS}


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        for name, role in (("anna", Role.ANALYST), ("vera", Role.VIEWER), ("root", Role.ADMINISTRATOR)):
            await add_account(made, name, role, ROUTER)
        await add_account(made, "admin", Role.ADMINISTRATOR, ROUTER)
        yield made


def test_everything_that_can_be_known_has_its_row() -> None:
    assert set(KNOWN) == set(Known)


async def test_what_the_role_led_to_is_listed_and_nothing_that_is_none(ctx: Context) -> None:
    anna = person("anna", Role.ANALYST)
    for name in ("anna", "vera", "root"):
        await close_account(ctx, name, ADMIN)
    found = {
        name: {one.code for one in await farewells_of(ctx) if one.account == name} for name in ("anna", "vera", "root")
    }
    assert found["vera"] == ALWAYS
    assert found["anna"] == ALWAYS, "she has seen nothing, and no embargo is in force"
    assert found["root"] == ALWAYS | {Known.PARTNERS}
    assert anna.account == "anna"


async def test_tokens_of_sources_that_they_made_are_counted(ctx: Context) -> None:
    root = person("root", Role.ADMINISTRATOR)
    for name in ("one", "two"):
        await create_token(ctx, TokenGiven(name=name, source="form"), root)
    await close_account(ctx, "root", ADMIN)
    (one,) = [each for each in await farewells_of(ctx) if each.code is Known.SOURCES]
    assert one.count == 2


async def test_items_they_held_are_free_at_once_and_those_of_others_stay(ctx: Context) -> None:
    until = ctx.now() + timedelta(minutes=20) // timedelta(microseconds=1)
    rows = [
        {"case_id": case, "by": by, "since": ctx.now(), "until": until}
        for case, by in (("1", "person:anna"), ("2", "person:anna"), ("3", "person:vera"), ("4", "person:annabel"))
    ]
    await ctx.store.commit(Transition(ctx.now(), adds=[Add(leases, row) for row in rows]))
    await close_account(ctx, "anna", ADMIN)
    held = await ctx.store.rows(select(leases.c.case_id).where(leases.c.until > ctx.now()).order_by(leases.c.case_id))
    assert [row["case_id"] for row in held] == ["3", "4"]


async def test_what_they_signed_in_with_is_gone(ctx: Context) -> None:
    account = await add_account(ctx, "otto", Role.ANALYST, ROUTER)
    secret = await factors.begin_app(ctx, account)
    await factors.confirm_app(ctx, account, pyotp.TOTP(secret).at(ctx.clock.now()))
    await close_account(ctx, "otto", ADMIN)
    assert await ctx.store.rows(select(kept)) == []


async def test_another_person_ticks_each_off_once(ctx: Context) -> None:
    await close_account(ctx, "vera", ADMIN)
    first = (await farewells_of(ctx, open_only=True))[0]
    for same in (ADMIN, Actor(id=f"{ADMIN.id}/local:root")):
        with pytest.raises(NotAllowed):
            await tick_off(ctx, first.id, same)
    await tick_off(ctx, first.id, OTHER)
    assert len(await farewells_of(ctx, open_only=True)) == len(ALWAYS) - 1
    (done,) = [one for one in await farewells_of(ctx) if one.done_at is not None]
    assert (done.id, done.done_by, done.closed_by) == (first.id, "person:boss", "person:admin")
    with pytest.raises(Conflict):
        await tick_off(ctx, first.id, OTHER)
    with pytest.raises(NotFound):
        await tick_off(ctx, "no-such-line", OTHER)


async def test_another_role_lists_nothing(ctx: Context) -> None:
    await change_role(ctx, "anna", Role.VIEWER, ADMIN)
    assert await farewells_of(ctx) == []


async def test_a_list_that_they_took_to_look_at_is_over_and_told_and_that_of_another_goes_on(ctx: Context) -> None:
    row = {"opened_at": ctx.now(), "until": ctx.now() + 1, "room": "F" * 40, "digest": None}
    row |= {"ended_as": None, "ended_at": None, "ended_by": None}
    for name, by in (("V-1", "person:anna"), ("V-2", "person:vera")):
        await ctx.store.commit(Transition(0, adds=(Add(viewings, {**row, "name": name, "by": by, "open_by": by}),)))
    await change_role(ctx, "vera", Role.ANALYST, ADMIN)
    assert [row["ended_as"] for row in await ctx.store.rows(select(viewings))] == [None, None], "she brings it still"
    await close_account(ctx, "anna", ADMIN)
    (one,) = [each for each in await farewells_of(ctx) if each.code is Known.VIEWINGS]
    assert (one.account, one.count) == ("anna", 1)
    ended = {row["name"]: (row["ended_as"], row["ended_by"]) for row in await ctx.store.rows(select(viewings))}
    assert ended == {"V-1": ("closed", ADMIN.id), "V-2": (None, None)}
