"""A session that was stolen does not outlive the password or the app it came by: all end but the one that changed it.

Also one that begins in that very moment, with what was right when it was typed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pyotp
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from router.casework.context import Context
from router.casework.people import factors, links, news, oidc, sessions
from router.casework.people.sign_in import sign_in, sign_in_for_token
from router.casework.people.tokens import AccountRow, add_account, authenticate_token, create_token
from router.clock import StoryClock
from router.errors import BadInput, Conflict, NotSignedIn
from router.store.schema.tables import audit
from schemas.account import SignInGiven
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests import postgres_server
from tests.at_turns import at_turns
from tests.casebook import Casebook, casebook

HERE, PASSWORD, ANOTHER = "192.0.2.7", "seven grey herons wait", "nine brown bears sleep"


@dataclass
class Anna:
    """Somebody who has set up all of it."""

    book: Casebook
    account: AccountRow
    secret: str
    codes: tuple[str, ...]

    @property
    def ctx(self) -> Context:
        return self.book.ctx

    def code(self) -> str:
        """What her app shows next."""
        assert isinstance(self.ctx.clock, StoryClock)
        self.ctx.clock.advance(timedelta(seconds=30))
        return pyotp.TOTP(self.secret).at(self.ctx.clock.now())

    def given(self, code: str = "") -> SignInGiven:
        return SignInGiven(name=self.account.name, password=PASSWORD, code=code or self.code())

    async def by_password(self) -> str:
        return (await sign_in(self.ctx, self.given(), HERE)).cookie

    async def by_a_recovery_code(self) -> str:
        return (await sign_in(self.ctx, self.given(self.codes[-1]), HERE)).cookie

    async def by_link(self) -> str:
        raw = await sessions.issue_link(self.ctx, self.account.name, ROUTER)
        return (await links.redeem(self.ctx, raw, HERE, self.code())).cookie

    async def by_token(self) -> str:
        return (await sessions.begin(self.ctx, self.account.actor, HERE)).cookie

    async def goes_on(self, cookie: str) -> bool:
        try:
            await sessions.resume(self.ctx, cookie)
        except NotSignedIn:
            return False
        return True


async def set_up(book: Casebook, name: str) -> Anna:
    account = await add_account(book.ctx, name, Role.ANALYST, ROUTER)
    await factors.set_password(book.ctx, account, PASSWORD)
    secret = await factors.begin_app(book.ctx, account)
    return Anna(
        book, account, secret, await factors.confirm_app(book.ctx, account, pyotp.TOTP(secret).at(book.clock.now()))
    )


@pytest.fixture
async def anna(book: Casebook) -> Anna:
    return await set_up(book, "anna")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def book(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Casebook]:
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server_dsn")
            url = await stack.enter_async_context(postgres_server.fresh_database(server))
        yield await stack.enter_async_context(casebook(tmp_path, url=url))


class House:
    """What all examples share; nothing of it is shown by one that fails."""

    def __init__(self, book: Casebook) -> None:
        self.book = book


@pytest.fixture
def house(book: Casebook) -> House:
    return House(book)


async def another_password(ctx: Context, anna: Anna, keep: bytes) -> None:
    await factors.set_password(ctx, anna.account, ANOTHER, keep=keep)


async def another_app(ctx: Context, anna: Anna, keep: bytes) -> None:
    secret = await factors.begin_app(ctx, anna.account)
    await factors.confirm_app(ctx, anna.account, pyotp.TOTP(secret).at(ctx.clock.now()), keep=keep)


async def other_codes(ctx: Context, anna: Anna, keep: bytes) -> None:
    await factors.new_codes(ctx, anna.account, keep=keep)


async def no_provider(ctx: Context, anna: Anna, keep: bytes) -> None:
    await oidc.disconnect(ctx, anna.account, keep=keep)


#: What lets somebody in becomes another, and what its person is told of it.
CHANGES: Final[dict[str, Callable[[Context, Anna, bytes], Awaitable[None]]]] = {
    "password": another_password,
    "app": another_app,
    "codes": other_codes,
    "disconnected": no_provider,
}
WAYS: Final = ("by_password", "by_a_recovery_code", "by_link", "by_token")


@pytest.mark.parametrize("what", CHANGES)
async def test_all_of_its_person_end_but_the_one_that_did_it(anna: Anna, what: str) -> None:
    ctx, bob = anna.ctx, await set_up(anna.book, "bob")
    theirs = [await getattr(anna, way)() for way in WAYS]
    his = await bob.by_password()
    script = (await sign_in_for_token(ctx, anna.given(), HERE)).token
    own = (await create_token(ctx, TokenGiven(name="script", account="anna", days=1), anna.account.actor)).token
    mine = await sessions.begin(ctx, anna.account.actor, HERE)
    await news.know(ctx, anna.account.id)
    await CHANGES[what](ctx, anna, mine.session.digest)
    assert [await anna.goes_on(one) for one in (*theirs, mine.cookie, his)] == [False] * len(WAYS) + [True, True]
    session = await sessions.resume(ctx, mine.cookie)
    assert (session.csrf, session.fresh_at, session.by) == (mine.session.csrf, mine.session.fresh_at, "token")
    with pytest.raises(NotSignedIn):
        await authenticate_token(ctx, script)
    assert (await authenticate_token(ctx, own)).account == "anna", "a script of theirs is no session"
    assert await news.news_of(ctx, anna.account.id, mine.session.id) == []
    assert [one.code for one in await news.news_of(ctx, anna.account.id)] == [what]
    (out,) = [row for row in await anna.book.rows(audit) if row["act"] == "session.signed_out"]
    assert out["actor"] == "person:anna"


@pytest.mark.parametrize("what", CHANGES)
async def test_a_session_that_was_ended_changes_nothing_any_more(anna: Anna, what: str) -> None:
    """Its person ended it while it typed."""
    mine = await sessions.begin(anna.ctx, anna.account.actor, HERE)
    await sessions.end(anna.ctx, mine.session)
    with pytest.raises((Conflict, NotSignedIn)):
        await CHANGES[what](anna.ctx, anna, mine.session.digest)
    assert not await anna.goes_on(mine.cookie)
    assert await anna.goes_on(await anna.by_password())


@pytest.mark.parametrize("what", ["password", "app", "codes"])
async def test_nor_does_an_app_that_was_begun_in_it(anna: Anna, what: str) -> None:
    """Its secret was shown there: a code of it would make that the app of the account."""
    mine = await sessions.begin(anna.ctx, anna.account.actor, HERE)
    secret = await factors.begin_app(anna.ctx, anna.account)
    await CHANGES[what](anna.ctx, anna, mine.session.digest)
    with pytest.raises(BadInput):
        await factors.confirm_app(anna.ctx, anna.account, pyotp.TOTP(secret).at(anna.ctx.clock.now()))


NAMES = iter(range(10**6))


@pytest.mark.timeout(300)
@settings(suppress_health_check=list(HealthCheck), max_examples=15, deadline=None, phases=set(Phase) - {Phase.explain})
@given(
    what=st.sampled_from(["password", "app", "codes"]),
    way=st.sampled_from(["by_password", "by_a_recovery_code"]),
    order=st.lists(st.integers(0, 1), max_size=24),
)
async def test_nor_does_one_that_begins_at_that_moment_with_what_was_right(
    house: House, what: str, way: str, order: list[int]
) -> None:
    book = house.book
    anna = await set_up(book, f"anna-{next(NAMES)}")
    mine = await sessions.begin(book.ctx, anna.account.actor, HERE)
    shown = anna.given() if way == "by_password" else anna.given(anna.codes[-1])
    came, changed = await at_turns(
        book.ctx,
        [
            lambda ctx: sign_in(ctx, shown, HERE),
            lambda ctx: CHANGES[what](ctx, anna, mine.session.digest),
        ],
        order,
    )
    assert isinstance(came, sessions.OpenedSession | NotSignedIn)
    assert changed is None or isinstance(changed, Conflict)
    if changed is None:
        assert await anna.goes_on(mine.cookie)
        was_right = what == "codes" and way == "by_password"  # the app and the password stay what they were
        if isinstance(came, sessions.OpenedSession) and not was_right:
            assert not await anna.goes_on(came.cookie)
