"""Signing in by the house's provider: it says who somebody is, and everything else is given here.

An account is connected by its own person, signed in here: an administrator who could connect one would be everybody.
What is under way is kept by the browser, sealed, so that strangers who begin a thousand sign-ins fill nothing.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Final

import orjson
from sqlalchemy import select

from router.casework.context import Context
from router.casework.people.sessions import OpenedSession, Session, of_digest, open_account, open_with
from router.casework.people.sign_in import place
from router.casework.people.signed_in import others_ended
from router.casework.people.tokens import AccountRow
from router.errors import Conflict, Damaged, NotFound, NotSignedIn, TooOften
from router.guard.signin.provider import Flow, Provider
from router.store.base import Add, Change, Event, Remove, Row, Transition, with_beside
from router.store.schema.tables import oidc_subjects, sessions

#: Seconds in which somebody comes back.
LIFE: Final = 600
_FIELD: Final = "oidc-flow"
_NONE: Final = "This house has no sign-in provider; sign in with your password, a link or a token."
_OVER: Final = "This sign-in took too long, or did not begin in this browser; begin again."
_NOBODY: Final = "The provider knows you, and no account here is connected with that; sign in here and connect yours."
_TAKEN: Final = "This is connected with an account already; disconnect it there first."


#: Each asks the provider something: at the door strangers have it asked no more often than they may try a password.
_WAIT: Final = "This was tried too often; wait a quarter of an hour, or ask for a one-time link."


class Mode(StrEnum):
    """What a sign-in at the provider is for."""

    ENTER = "enter"
    CONNECT = "connect"
    FRESH = "fresh"


def provider_of(ctx: Context) -> Provider:
    """Return the house's provider. Raise NotFound."""
    if ctx.door.provider is None:
        raise NotFound(_NONE)
    return ctx.door.provider


async def begin(ctx: Context, mode: Mode, address: str, session: Session | None = None) -> tuple[str, str]:
    """Return where the browser goes, and what it keeps. Raise NotFound, Unavailable, TooOften for `enter`."""
    if mode is Mode.ENTER:
        _counted(ctx, address)
    whom = "" if session is None else session.digest.hex()
    flow = Flow.new(int(ctx.clock.now().timestamp()), mode, whom)
    provider = provider_of(ctx)
    leads = await provider.address(flow, anew=mode is Mode.FRESH)
    return leads, urlsafe_b64encode(ctx.keyring.seal_lasting(_FIELD, "", orjson.dumps(asdict(flow)))).decode()


async def finish(ctx: Context, kept: str, given: Mapping[str, str], address: str) -> tuple[Mode, OpenedSession | None]:
    """Return what came of it: a session where somebody entered.

    Raise NotFound, NotSignedIn, Unavailable, TooOften; Conflict when what is to be connected is another's.
    """
    provider, flow, now = provider_of(ctx), _opened(ctx, kept), int(ctx.clock.now().timestamp())
    mode = Mode(flow.mode)
    if mode is Mode.ENTER:
        _counted(ctx, address)
    subject = await provider.subject(flow, dict(given), now, anew=mode is Mode.FRESH)
    issuer = provider.settings.issuer
    if mode is Mode.CONNECT:
        await _connect(ctx, bytes.fromhex(flow.whom), issuer, subject)
        return mode, None
    row = await _row(ctx, issuer, subject)
    if row is None:
        raise NotSignedIn(_NOBODY, reason="provider")
    account = await open_account(ctx, row["account_id"])
    if mode is Mode.FRESH:
        await _fresh(ctx, account, bytes.fromhex(flow.whom))
        return mode, None
    try:
        opened = await open_with(ctx, account, "provider", address)
    except Conflict:
        raise NotSignedIn(_OVER, reason="provider") from None
    for _ in ("begun", "finished"):
        ctx.door.by_provider.give_back(place(address))
    return mode, opened


async def connected(ctx: Context, account_id: str) -> Row | None:
    """Return how an account is connected."""
    rows = await ctx.store.rows(select(oidc_subjects).where(oidc_subjects.c.account_id == account_id))
    return rows[0] if rows else None


async def disconnect(ctx: Context, account: AccountRow, *, keep: bytes = b"") -> None:
    """Let the provider say nothing of an account any more; its person is signed out but for the session `keep`."""
    event = Event("provider.disconnected", account.actor.id)
    gone = Transition(ctx.now(), removes=(Remove(oidc_subjects, {"account_id": account.id}),), events=(event,))
    await ctx.store.commit(with_beside(gone, await others_ended(ctx, account, keep, "disconnected")))


def _counted(ctx: Context, address: str) -> None:
    wait = ctx.door.by_provider.take(place(address), ctx.clock.now().timestamp())
    if wait > 0:
        raise TooOften(_WAIT, reason="provider", retry_after=wait)


async def _connect(ctx: Context, digest: bytes, issuer: str, subject: str) -> None:
    """Connect the account whose session asked for it: one that was ended meanwhile leaves no way in."""
    account = (await of_digest(ctx, digest)).account
    row = {"issuer": issuer, "subject": subject, "account_id": account.id, "at": ctx.now()}
    event = Event("provider.connected", account.actor.id)
    try:
        made = Transition(ctx.now(), adds=(Add(oidc_subjects, row),), events=(event,))
        await ctx.store.commit(with_beside(made, await others_ended(ctx, account, digest, "connected")))
    except Conflict:
        await of_digest(ctx, digest)
        raise Conflict(_TAKEN, reason="provider") from None


async def _fresh(ctx: Context, account: AccountRow, digest: bytes) -> None:
    change = Change(sessions, {"digest": digest}, {"fresh_at": ctx.now()}, guard={"account_id": account.id})
    event = Event("session.fresh", account.actor.id, detail={"by": "provider"})
    try:
        await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
    except Conflict:
        raise NotSignedIn(_OVER, reason="provider") from None


def _opened(ctx: Context, kept: str) -> Flow:
    """Return the sign-in that a browser kept. Raise NotSignedIn for none, another's, or one that took too long."""
    try:
        plain = ctx.keyring.open_lasting(_FIELD, "", urlsafe_b64decode(kept.encode()))
        flow = Flow(**orjson.loads(plain))
    except (Damaged, ValueError, TypeError):
        raise NotSignedIn(_OVER, reason="provider") from None
    if not 0 <= int(ctx.clock.now().timestamp()) - flow.began <= LIFE:
        raise NotSignedIn(_OVER, reason="provider")
    return flow


async def _row(ctx: Context, issuer: str, subject: str) -> Row | None:
    wanted = (oidc_subjects.c.issuer == issuer) & (oidc_subjects.c.subject == subject)
    rows = await ctx.store.rows(select(oidc_subjects).where(wanted))
    return rows[0] if rows else None
