from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from router.casework.context import Context
from router.casework.people import factors, sessions
from router.casework.people.fresh import show_again
from router.casework.people.sessions import OpenedSession
from router.casework.people.tokens import AccountRow, add_account, create_token
from router.clock import StoryClock
from router.errors import NotSignedIn, RouterError, TooOften
from schemas.actor import ROUTER, Actor, Role
from schemas.acts import TokenGiven
from tests.office import office

HERE = "192.0.2.7"


@dataclass
class Shift:
    """Anna's session, an hour after she began it."""

    ctx: Context
    anna: AccountRow
    opened: OpenedSession
    secret: str
    codes: tuple[str, ...]

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.ctx.clock.now())

    async def resumed(self) -> sessions.Session:
        return await sessions.resume(self.ctx, self.opened.cookie)

    async def pass_(self, **by: float) -> None:
        """Let time pass with somebody at the screen."""
        assert isinstance(self.ctx.clock, StoryClock)
        end = self.ctx.clock.now() + timedelta(**by)
        while self.ctx.clock.now() < end:
            self.ctx.clock.advance(min(timedelta(minutes=20), end - self.ctx.clock.now()))
            await self.resumed()


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with office(tmp_path) as ctx:
        anna = await add_account(ctx, "anna", Role.ANALYST, ROUTER)
        secret = await factors.begin_app(ctx, anna)
        codes = await factors.confirm_app(ctx, anna, pyotp.TOTP(secret).at(ctx.clock.now()))
        made = Shift(ctx, anna, await sessions.begin(ctx, anna.actor), secret, codes)
        await made.pass_(minutes=60)
        assert not (await made.resumed()).stale, "for an hour"
        await made.pass_(seconds=1)
        yield made


async def test_a_session_is_stale_after_an_hour_and_fresh_by_what_its_person_has(shift: Shift) -> None:
    lent = await create_token(shift.ctx, TokenGiven(name="x", account="anna"), shift.anna.actor)
    for shown in (shift.code(), shift.codes[0], lent.token):
        session = await shift.resumed()
        assert session.stale
        assert not (await show_again(shift.ctx, session, shown)).stale
        assert not (await shift.resumed()).stale
        await shift.pass_(minutes=61)


async def test_it_lasts_no_longer_than_its_shift(shift: Shift) -> None:
    await show_again(shift.ctx, await shift.resumed(), shift.code())
    with pytest.raises(NotSignedIn):
        await shift.pass_(hours=11)


async def test_what_is_not_theirs_makes_nothing_fresh(shift: Shift) -> None:
    bob = await add_account(shift.ctx, "bob", Role.ANALYST, ROUTER)
    secret = await factors.begin_app(shift.ctx, bob)
    codes = await factors.confirm_app(shift.ctx, bob, pyotp.TOTP(secret).at(shift.ctx.clock.now()))
    others = await create_token(shift.ctx, TokenGiven(name="x", account="bob"), bob.actor)
    made_for_her = await create_token(shift.ctx, TokenGiven(name="x", account="anna"), Actor(id="local:root"))
    narrow = await create_token(
        shift.ctx, TokenGiven(name="x", account="anna", scopes=("case:read",)), shift.anna.actor
    )
    used = shift.code()
    await show_again(shift.ctx, await shift.resumed(), used)
    await shift.pass_(minutes=61)
    said = set()
    for wrong in (
        "",
        "000000",
        used,
        codes[0],
        others.token,
        made_for_her.token,
        narrow.token,
        "é",
        shift.opened.cookie,
    ):
        with pytest.raises(NotSignedIn) as caught:
            await show_again(shift.ctx, await shift.resumed(), wrong)
        said.add(caught.value.message)
    assert len(said) == 1
    assert (await shift.resumed()).stale


async def test_guessing_in_a_stolen_session_is_slowed(shift: Shift) -> None:
    answers: list[type[RouterError]] = []
    for _ in range(12):
        try:
            await show_again(shift.ctx, await shift.resumed(), "000000")
        except RouterError as error:
            answers.append(type(error))
    assert answers == [NotSignedIn] * 10 + [TooOften] * 2
