import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import factors, links, sessions
from router.casework.people.accounts import close_account
from router.casework.people.fresh import show_again
from router.casework.people.sign_in import counted, sign_in
from router.casework.people.tokens import add_account
from router.clock import StoryClock
from router.errors import NotSignedIn, RouterError, TooOften
from router.guard.signin import attempts
from router.store.schema.tables import sessions as table
from schemas.account import SignInGiven
from schemas.actor import ROUTER, Role
from tests.office import office

PASSWORD = "seven grey herons wait"
HERE = "192.0.2.7"


@dataclass
class Anna:
    """Somebody who has set up both, and the codes of whose app are shown anew every half a minute."""

    ctx: Context
    secret: str
    codes: tuple[str, ...]

    def given(self, **other: str) -> SignInGiven:
        assert isinstance(self.ctx.clock, StoryClock)
        self.ctx.clock.advance(timedelta(seconds=30))
        shown = pyotp.TOTP(self.secret).at(self.ctx.clock.now())
        return SignInGiven(**{"name": "anna", "password": PASSWORD, "code": shown, **other})


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Anna]:
    async with office(tmp_path) as ctx:
        account = await add_account(ctx, "anna", Role.ANALYST, ROUTER)
        await factors.set_password(ctx, account, PASSWORD)
        secret = await factors.begin_app(ctx, account)
        codes = await factors.confirm_app(ctx, account, pyotp.TOTP(secret).at(ctx.clock.now()))
        yield Anna(ctx, secret, codes)


async def test_a_password_and_a_code_begin_a_session(anna: Anna) -> None:
    opened = await sign_in(anna.ctx, anna.given(), HERE)
    session = await sessions.resume(anna.ctx, opened.cookie)
    assert (session.actor.id, session.by) == ("person:anna", "password+app")
    (row,) = await anna.ctx.store.rows(select(table))
    assert (row["address"], row["fresh_at"]) == (HERE, anna.ctx.now())


async def test_a_recovery_code_does_once(anna: Anna) -> None:
    given = anna.given(code=anna.codes[3])
    assert (await sign_in(anna.ctx, given, HERE)).session.by == "password+code"
    with pytest.raises(NotSignedIn):
        await sign_in(anna.ctx, given, HERE)


async def test_every_wrong_answer_is_the_same_one(anna: Anna) -> None:
    await add_account(anna.ctx, "without", Role.ANALYST, ROUTER)
    half = await add_account(anna.ctx, "half", Role.ANALYST, ROUTER)
    await factors.set_password(anna.ctx, half, PASSWORD)
    wrong = [
        {},
        {"name": "nobody"},
        {"name": "without"},
        {"name": "half"},
        {"name": "Anna"},
        {"password": "seven grey herons went"},
        {"code": "000000"},
        {"name": "", "password": "", "code": ""},
    ]
    said = []
    for other in wrong[1:]:
        with pytest.raises(NotSignedIn) as caught:
            await sign_in(anna.ctx, anna.given(**other), HERE)
        said.append((caught.value.message, caught.value.reason, caught.value.field))
    assert len(set(said)) == 1
    assert await anna.ctx.store.rows(select(table)) == []


async def test_a_code_that_was_used_lets_nobody_in_again_even_at_once(anna: Anna) -> None:
    given = anna.given()
    answers = await asyncio.gather(*(sign_in(anna.ctx, given, HERE) for _ in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["NotSignedIn"] * 4 + ["OpenedSession"]
    with pytest.raises(NotSignedIn):
        await sign_in(anna.ctx, given, HERE)


async def test_a_wrong_password_does_not_use_the_code_up(anna: Anna) -> None:
    given = anna.given()
    with pytest.raises(NotSignedIn):
        await sign_in(anna.ctx, given.model_copy(update={"password": "wrong"}), HERE)
    await sign_in(anna.ctx, given, HERE)


async def test_a_closed_account_is_nobody(anna: Anna) -> None:
    await close_account(anna.ctx, "anna", ROUTER)
    with pytest.raises(NotSignedIn):
        await sign_in(anna.ctx, anna.given(), HERE)


async def tried(anna: Anna, name: str, address: str) -> type[RouterError]:
    """Try a wrong password at one moment: no time passes."""
    try:
        await sign_in(anna.ctx, SignInGiven(name=name, password="wrong", code="000000"), address)
    except RouterError as error:
        return type(error)
    raise AssertionError


@pytest.mark.parametrize("name", ["anna", "nobody"])
async def test_guessing_at_one_account_is_slowed_from_wherever_it_comes(anna: Anna, name: str) -> None:
    answers = [await tried(anna, name, f"192.0.2.{n}") for n in range(14)]
    assert answers == [NotSignedIn] * 10 + [TooOften] * 4
    assert await tried(anna, "other", HERE) is NotSignedIn


async def test_guessing_at_many_from_one_place_is_slowed_too(anna: Anna) -> None:
    """A /48 is one place: a site may have all of it (RFC 6177)."""
    answers = [await tried(anna, f"name-{n}", f"2001:db8:0:{n:x}::{n:x}") for n in range(70)]
    assert answers == [NotSignedIn] * 60 + [TooOften] * 10
    assert await tried(anna, "anna", "2001:db8:1::1") is NotSignedIn, "another site"


async def test_what_an_address_is_refused_keeps_no_account_out(anna: Anna, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries a name after another, as fast as they can, fills no table: else one address shut the whole door."""
    monkeypatch.setattr(attempts, "_PLACES", 256)  # a million tries fill the whole one as surely
    ctx = replace(anna.ctx, door=replace(anna.ctx.door, by_account=attempts.Attempts(10, 900.0)))
    for n in range(4_000):
        with suppress(TooOften):
            counted(ctx, f"other-{n}", HERE)
    assert ctx.door.by_account.take("anna", ctx.clock.now().timestamp()) == 0
    for _ in range(60):
        with suppress(TooOften):
            counted(anna.ctx, "somebody", HERE)
    for _ in range(20):
        with pytest.raises(TooOften):
            counted(anna.ctx, "anna", HERE)
    await sign_in(anna.ctx, anna.given(), "198.51.100.7")


async def test_guessing_at_the_door_keeps_nobody_from_their_work_inside(anna: Anna) -> None:
    """Neither at the account nor from the house's own address, which all who work there share."""
    opened = await sign_in(anna.ctx, anna.given(), HERE)
    for n in range(20):
        await tried(anna, "anna", f"192.0.2.{n}")
    for n in range(70):
        await tried(anna, f"name-{n}", HERE)
    code = anna.given().code
    assert not (await show_again(anna.ctx, await sessions.resume(anna.ctx, opened.cookie), code)).stale
    link = await sessions.issue_link(anna.ctx, "anna", ROUTER)
    assert (await links.redeem(anna.ctx, link, HERE, anna.codes[5])).session.by == "link+code"


async def test_the_right_answer_waits_as_well_and_is_let_in_after(anna: Anna) -> None:
    while await tried(anna, "anna", HERE) is NotSignedIn:
        pass
    with pytest.raises(TooOften) as caught:
        await sign_in(anna.ctx, anna.given(), HERE)
    assert caught.value.retry_after
    assert isinstance(anna.ctx.clock, StoryClock)
    anna.ctx.clock.advance(timedelta(seconds=caught.value.retry_after + 1))
    await sign_in(anna.ctx, anna.given(), HERE)


async def test_who_signs_in_all_day_is_never_slowed(anna: Anna) -> None:
    for _ in range(30):
        await sign_in(anna.ctx, anna.given(), HERE)
