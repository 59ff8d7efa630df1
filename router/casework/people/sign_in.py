"""Signing in with a password and a second factor: every wrong answer is the same answer, after the same work.

Whether there is such an account, whether it is closed, and which of the two was wrong is told to nobody. Each try is
counted before it is made, by the address and by the account that was named (whether there is one or not). One that its
address is refused counts for no account, or a single address could keep everybody out.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network
from typing import Final, TypeVar

from router.casework.context import Context
from router.casework.people import factors, sessions
from router.casework.people.sessions import OpenedSession
from router.casework.people.tokens import AccountRow, account_named, create_token
from router.errors import Conflict, NotFound, NotSignedIn, TooOften
from router.guard.log import get_log
from router.store.base import Change
from schemas.account import SignInGiven
from schemas.acts import TokenGiven, TokenIssued

T = TypeVar("T")

WRONG: Final = "This is not right: the name, the password or the code. Take the next code that your app shows."
_WAIT: Final = "This was tried too often; wait a quarter of an hour, or ask for a one-time link."
_V4: Final = 4
#: What one holder of IPv6 addresses may have got: a site gets from 64 bits up to 48 (RFC 6177).
_SITE: Final = 48


async def sign_in(ctx: Context, given: SignInGiven, address: str) -> OpenedSession:
    """Begin a session. Raise NotSignedIn, always in the same words, and TooOften."""

    async def begin(account: AccountRow, by: str, used: tuple[Change, ...]) -> OpenedSession:
        return await sessions.open_with(ctx, account, by, address, used)

    return await _proved(ctx, given, address, begin)


async def sign_in_for_token(ctx: Context, given: SignInGiven, address: str) -> TokenIssued:
    """Make a token that lasts a shift, for a script of somebody who is there. Raise NotSignedIn, TooOften."""
    shift = ctx.door.settings.shift

    async def issue(account: AccountRow, by: str, used: tuple[Change, ...]) -> TokenIssued:
        wanted = TokenGiven(name=f"signed in by {by}", account=account.name)
        return await create_token(ctx, wanted, account.actor, life=shift, using=used)

    return await _proved(ctx, given, address, issue)


async def _proved(
    ctx: Context, given: SignInGiven, address: str, then: Callable[[AccountRow, str, tuple[Change, ...]], Awaitable[T]]
) -> T:
    """Return what is given to somebody who shows who they are; it uses up what they showed."""
    counted(ctx, given.name, address)
    account = await _account(ctx, given.name)
    row = None if account is None else await factors.factor_row(ctx, account.id)
    kept = row["password"] if row is not None and row["app"] is not None else None
    right = await ctx.door.passwords.match(kept, given.password)
    try:
        used, by = await factors.shown(ctx, "" if account is None else account.id, given.code)
        known = _let_in(account, right=right)
        assert row is not None  # it holds the password
        opened = await then(known, f"password+{by}", factors.with_password(used, row))
    except (NotSignedIn, Conflict):
        get_log("people").info("sign_in_refused")
        raise NotSignedIn(WRONG, reason="sign_in") from None
    ctx.door.by_account.give_back(given.name)
    ctx.door.by_address.give_back(place(address))
    return opened


def _let_in(account: AccountRow | None, *, right: bool) -> AccountRow:
    if account is None or account.disabled or not right:
        raise NotSignedIn
    return account


def counted(ctx: Context, name: str, address: str) -> None:
    """Count one try of an account from an address. Raise TooOften."""
    now = ctx.clock.now().timestamp()
    wait = ctx.door.by_address.take(place(address), now) or ctx.door.by_account.take(name, now)
    if wait > 0:
        raise TooOften(_WAIT, reason="sign_in", retry_after=wait)


def counted_inside(ctx: Context, name: str) -> str:
    """Count one try of somebody whose session or link says who they are; return what it is counted as.

    Nobody at the door counts there, so that guessing outside keeps no one from their work inside. Raise TooOften.
    """
    whom = f"inside {name}"  # no account's name has a space
    wait = ctx.door.by_account.take(whom, ctx.clock.now().timestamp())
    if wait > 0:
        raise TooOften(_WAIT, reason="sign_in", retry_after=wait)
    return whom


def place(address: str) -> str:
    """Return what an address is counted as: an IPv6 network of 48 bits is one, since its holder may have all of it."""
    try:
        given = ip_address(address)
    except ValueError:
        return ""
    return str(given if given.version == _V4 else ip_network((int(given), _SITE), strict=False))


async def _account(ctx: Context, name: str) -> AccountRow | None:
    try:
        return await account_named(ctx, name)
    except NotFound:
        return None
