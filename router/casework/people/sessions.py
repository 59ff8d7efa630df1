"""Signing in: one-time links, and sessions that live in the store so that they can be ended from there.

The cookie is opaque and only its digest is stored. A session ends 30 minutes after it was last used, 12 hours after it
began, or when its account is closed or gets another role (`accounts`). Each has a token for its forms.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people.tokens import AccountRow, account_named, account_of
from router.clock import moment
from router.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard import credentials
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import accounts, sessions, tokens
from schemas.account import Invitation
from schemas.actor import Actor

_MICROSECOND: Final = timedelta(microseconds=1)
LINK_LIFE: Final = timedelta(minutes=15) // _MICROSECOND
#: OWASP's session guidance for high-value applications: 15-30 minutes idle, 4-8 hours in all; a shift is longer.
IDLE: Final = timedelta(minutes=30) // _MICROSECOND
LONGEST: Final = timedelta(hours=12) // _MICROSECOND
#: `seen_at` is written at most this often.
_SEEN_EVERY: Final = timedelta(minutes=1) // _MICROSECOND
_SIGN_IN: Final = "Sign in again: this session or link has ended, was used, or is not ours."


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person."""

    account: AccountRow
    csrf: str
    digest: bytes

    @property
    def actor(self) -> Actor:
        """Return the person as one who acts."""
        return self.account.actor


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just begun: the cookie is shown here and never again."""

    cookie: str
    session: Session


async def invite(ctx: Context, account_name: str, actor: Actor) -> Invitation:
    """Return where a person signs in, once and within 15 minutes. Raise NotFound, NotAllowed."""
    ends_at = moment(ctx.now() + LINK_LIFE)
    return Invitation(
        account=account_name, path=f"/signin/{await issue_link(ctx, account_name, actor)}", ends_at=ends_at
    )


async def issue_link(ctx: Context, account_name: str, actor: Actor) -> str:
    """Return the secret of a one-time sign-in link, valid for 15 minutes. Raise NotFound, NotAllowed."""
    account = await account_named(ctx, account_name)
    if account.disabled:
        raise NotAllowed("This account is closed; open another for the person.", field="account")
    raw, now = credentials.new_token(credentials.LINK_PREFIX), ctx.now()
    row = {
        "id": new_id(),
        "kind": "link",
        "digest": credentials.digest(raw),
        "name": "sign-in link",
        "account_id": account.id,
        "source": None,
        "scopes": "",
        "created_at": now,
        "expires_at": now + LINK_LIFE,
        "used_at": None,
        "revoked_at": None,
        "issued_by": actor.id,
    }
    event = Event("link.issued", actor.id, detail={"account": account_name})
    await ctx.store.commit(Transition(now, adds=(Add(tokens, row),), events=(event,)))
    return raw


async def redeem_link(ctx: Context, raw: str) -> OpenedSession:
    """Begin a session with a one-time link, once. Raise NotSignedIn, always in the same words."""
    row = await _link(ctx, raw)
    now = ctx.now()
    account = await _open_account(ctx, row["account_id"])
    opened, add = _new_session(account, now)
    used = Change(tokens, {"id": row["id"]}, {"used_at": now}, guard={"used_at": None, "revoked_at": None})
    try:
        await ctx.store.commit(Transition(now, (used, _as_it_was(account)), (add,), (), (_began(account, "link"),)))
    except Conflict:
        raise NotSignedIn(_SIGN_IN) from None
    return opened


async def begin(ctx: Context, actor: Actor) -> OpenedSession:
    """Begin a session for a person who showed an API token. Raise NotSignedIn for a source or a peer.

    A session is the person, and allows all that the role does: the token must too, and must be of the person's own
    making. Whoever makes one for another would be them.
    """
    if actor.account is None:
        raise NotSignedIn("Only people sign in here; use a token that was made for an account.")
    if actor.issuer is not None:
        raise NotSignedIn("This token was made for you by somebody else; sign in with a one-time link.")
    account = await _open_account(ctx, (await account_named(ctx, actor.account)).id)
    if not account.actor.permissions <= actor.permissions:
        raise NotSignedIn("This token allows less than your account; sign in with a one-time link.")
    opened, add = _new_session(account, ctx.now())
    try:
        await ctx.store.commit(Transition(ctx.now(), (_as_it_was(account),), (add,), (), (_began(account, "token"),)))
    except Conflict:
        raise NotSignedIn(_SIGN_IN) from None
    return opened


async def resume(ctx: Context, cookie: str) -> Session:
    """Return the session of a cookie and note that it was used. Raise NotSignedIn."""
    digest = credentials.digest(cookie)
    rows = await ctx.store.rows(select(sessions).where(sessions.c.digest == digest))
    now = ctx.now()
    if not rows or _ended(rows[0], now):
        raise NotSignedIn(_SIGN_IN)
    row = rows[0]
    account = await _open_account(ctx, row["account_id"])
    if now - row["seen_at"] > _SEEN_EVERY:
        await ctx.store.commit(Transition(now, changes=(Change(sessions, {"digest": digest}, {"seen_at": now}),)))
    return Session(account, row["csrf"], digest)


def check_csrf(session: Session, given: str | None) -> None:
    """Raise NotAllowed unless a form carries its session's token."""
    if given is None or not hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "replace")):
        raise NotAllowed("This form is no longer valid; open the page again and repeat the step.", reason="csrf")


async def end(ctx: Context, session: Session) -> None:
    """End one session."""
    event = Event("session.ended", session.actor.id)
    removed = Remove(sessions, {"digest": session.digest})
    await ctx.store.commit(Transition(ctx.now(), removes=(removed,), events=(event,)))


async def _link(ctx: Context, raw: str) -> Row:
    if not credentials.well_formed(raw, credentials.LINK_PREFIX):
        raise NotSignedIn(_SIGN_IN)
    rows = await ctx.store.rows(
        select(tokens).where(tokens.c.digest == credentials.digest(raw), tokens.c.kind == "link")
    )
    if not rows or not _unused(rows[0], ctx.now()):
        raise NotSignedIn(_SIGN_IN)
    return rows[0]


def _unused(row: Row, now: int) -> bool:
    return row["used_at"] is None and row["revoked_at"] is None and bool(row["expires_at"] > now)


async def _open_account(ctx: Context, account_id: str) -> AccountRow:
    try:
        account = await account_of(ctx, account_id)
    except NotFound:
        raise NotSignedIn(_SIGN_IN) from None
    if account.disabled:
        raise NotSignedIn(_SIGN_IN)
    return account


def _as_it_was(account: AccountRow) -> Change:
    """Return the condition that the account is open, in the role that was looked at, when its session begins.

    Whoever changes a role ends the sessions that there are; one that begins in that moment would outlive it, with all
    that the new role may do.
    """
    return Change(accounts, {"id": account.id}, {}, guard={"role": account.role, "disabled_at": None})


def _new_session(account: AccountRow, now: int) -> tuple[OpenedSession, Add]:
    cookie, csrf = credentials.new_cookie(), credentials.new_cookie()
    digest = credentials.digest(cookie)
    row = {
        "digest": digest,
        "account_id": account.id,
        "csrf": csrf,
        "started_at": now,
        "seen_at": now,
        "ends_at": now + LONGEST,
    }
    return OpenedSession(cookie, Session(account, csrf, digest)), Add(sessions, row)


def _began(account: AccountRow, by: str) -> Event:
    return Event("session.began", account.actor.id, detail={"by": by})


def _ended(row: Row, now: int) -> bool:
    return bool(row["ends_at"] <= now or row["seen_at"] + IDLE <= now)
