from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern.rotate import RECORDS
from router.casework.people import factors
from router.casework.people.tokens import AccountRow, add_account
from router.clock import StoryClock
from router.errors import BadInput, Conflict, NotSignedIn
from router.store.base import Transition
from router.store.schema.tables import audit, recovery_codes
from router.store.schema.tables import factors as table
from schemas.actor import ROUTER, Role
from tests.office import office

PASSWORD = "seven grey herons wait"


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path) as made:
        yield made


@pytest.fixture
async def anna(ctx: Context) -> AccountRow:
    return await add_account(ctx, "anna", Role.ANALYST, ROUTER)


def shows(ctx: Context, secret: str) -> str:
    return pyotp.TOTP(secret).at(ctx.clock.now())


def later(ctx: Context) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(seconds=30))


async def with_app(ctx: Context, account: AccountRow) -> tuple[str, tuple[str, ...]]:
    secret = await factors.begin_app(ctx, account)
    codes = await factors.confirm_app(ctx, account, shows(ctx, secret))
    later(ctx)
    return secret, codes


async def use(ctx: Context, account: AccountRow, code: str) -> str:
    change, by = await factors.shown(ctx, account.id, code)
    await ctx.store.commit(Transition(ctx.now(), (change,)))
    return by


async def test_who_has_nothing_shows_nothing(ctx: Context, anna: AccountRow) -> None:
    assert await factors.held(ctx, anna.id) == factors.Held()
    for code in ("", "000000", "0000-0000"):
        with pytest.raises(NotSignedIn):
            await factors.shown(ctx, anna.id, code)


async def test_a_code_of_the_app_works_once(ctx: Context, anna: AccountRow) -> None:
    secret, _ = await with_app(ctx, anna)
    code = shows(ctx, secret)
    assert await use(ctx, anna, code) == "app"
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, code)
    later(ctx)
    assert await use(ctx, anna, shows(ctx, secret)) == "app"


async def test_the_code_that_confirmed_the_app_works_no_second_time(ctx: Context, anna: AccountRow) -> None:
    secret = await factors.begin_app(ctx, anna)
    await factors.confirm_app(ctx, anna, shows(ctx, secret))
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, shows(ctx, secret))


async def test_of_two_who_show_the_same_code_at_once_one_is_late(ctx: Context, anna: AccountRow) -> None:
    secret, codes = await with_app(ctx, anna)
    for code in (shows(ctx, secret), codes[0]):
        first, _ = await factors.shown(ctx, anna.id, code)
        second, _ = await factors.shown(ctx, anna.id, code)
        await ctx.store.commit(Transition(ctx.now(), (first,)))
        with pytest.raises(Conflict):
            await ctx.store.commit(Transition(ctx.now(), (second,)))


async def test_each_recovery_code_works_once_however_it_is_typed(ctx: Context, anna: AccountRow) -> None:
    _, codes = await with_app(ctx, anna)
    assert len(set(codes)) == 10
    assert await use(ctx, anna, f" {codes[0].lower().replace('-', ' ')}") == "code"
    assert (await factors.held(ctx, anna.id)).codes_left == 9
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, codes[0])


async def test_codes_are_nobody_elses(ctx: Context, anna: AccountRow) -> None:
    bob = await add_account(ctx, "bob", Role.ANALYST, ROUTER)
    secret, codes = await with_app(ctx, anna)
    await with_app(ctx, bob)
    for code in (codes[0], shows(ctx, secret)):
        with pytest.raises(NotSignedIn):
            await factors.shown(ctx, bob.id, code)


async def test_new_codes_end_the_old_ones(ctx: Context, anna: AccountRow) -> None:
    _, old = await with_app(ctx, anna)
    new = await factors.new_codes(ctx, anna)
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, old[0])
    assert await use(ctx, anna, new[0]) == "code"


async def test_an_app_is_in_force_only_by_a_code_of_it(ctx: Context, anna: AccountRow) -> None:
    with pytest.raises(BadInput):
        await factors.confirm_app(ctx, anna, "000000")
    old, _ = await with_app(ctx, anna)
    new = await factors.begin_app(ctx, anna)
    with pytest.raises(BadInput):
        await factors.confirm_app(ctx, anna, shows(ctx, old))
    assert await use(ctx, anna, shows(ctx, old)) == "app", "the old one stays until then"
    await factors.confirm_app(ctx, anna, shows(ctx, new))
    later(ctx)
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, shows(ctx, old))


async def test_a_password_alone_is_not_whole(ctx: Context, anna: AccountRow) -> None:
    await factors.set_password(ctx, anna, PASSWORD)
    assert not (await factors.held(ctx, anna.id)).whole
    await with_app(ctx, anna)
    assert (await factors.held(ctx, anna.id)).whole


async def test_no_secret_is_stored_as_it_is(ctx: Context, anna: AccountRow) -> None:
    await factors.set_password(ctx, anna, PASSWORD)
    secret, codes = await with_app(ctx, anna)
    pending = await factors.begin_app(ctx, anna)
    kept = str([await ctx.store.rows(select(one)) for one in (table, recovery_codes, audit)])
    for one in (PASSWORD, secret, pending, *codes):
        assert one not in kept


def test_a_new_master_key_seals_the_apps_secrets_anew() -> None:
    """Else nobody could sign in once the old one is gone."""
    assert {table.c.app, table.c.app_new} <= {one.sealed for one in RECORDS}


async def test_losing_all_of_it_leaves_nothing(ctx: Context, anna: AccountRow) -> None:
    await factors.set_password(ctx, anna, PASSWORD)
    _, codes = await with_app(ctx, anna)
    await ctx.store.commit(Transition(ctx.now(), removes=factors.all_gone(anna.id)))
    assert await factors.held(ctx, anna.id) == factors.Held()
    with pytest.raises(NotSignedIn):
        await factors.shown(ctx, anna.id, codes[0])
