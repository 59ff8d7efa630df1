"""Sessions, which live in the store so that they can be ended from there; and the making of one-time links.

The cookie is opaque and only its digest is stored. A session ends half an hour after it was last used, at the end of a
shift (`[signin]` says how long both are), or when its account is closed or gets another role (`accounts`). Each has a
token for its forms, and remembers when a factor was last shown in it (`fresh`).
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import news
from router.casework.people.tokens import AccountRow, account_named, account_of
from router.clock import moment
from router.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard import credentials
from router.guard.access import seen_from, without_mandate
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import accounts, mandates, sessions, tokens
from schemas.account import Invitation
from schemas.actor import Actor

_MICROSECOND: Final = timedelta(microseconds=1)
LINK_LIFE: Final = timedelta(minutes=15) // _MICROSECOND
_ID_LETTERS: Final = 32
#: `seen_at` is written at most this often.
_SEEN_EVERY: Final = timedelta(minutes=1) // _MICROSECOND
SIGN_IN: Final = "Sign in again: this session or link has ended, was used, or is not ours."


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person."""

    account: AccountRow
    csrf: str
    digest: bytes
    by: str | None = None  #: how it began: link, token, password+app, password+code
    fresh_at: int = 0  #: when a factor was last shown in it, in microseconds
    address: str = ""  #: from where its person asks now
    networks: tuple[str, ...] = ()  #: in which locations are shown; empty is everywhere
    stale: bool = False  #: too long ago to see a location or to send: it is shown again (`fresh`)
    unmandated: bool = False  #: no mandate of its person is in force, and the house or an earlier one asks for one

    @property
    def id(self) -> str:
        """Return what names it in lists: nothing that lets anybody in."""
        return session_id(self.digest)

    @property
    def actor(self) -> Actor:
        """Return the person as one who acts."""
        actor = seen_from(self.account.actor, self.address, self.networks)
        return without_mandate(actor) if self.unmandated else actor


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


async def open_with(
    ctx: Context,
    account: AccountRow,
    by: str,
    address: str | None,
    changes: tuple[Change, ...] = (),
    *,
    told: Iterable[str] | None = None,
) -> OpenedSession:
    """Begin a session for somebody who showed who they are; `changes` use up what they showed. Raise Conflict.

    With `told`, its person is told elsewhere that they came in, and so are the accounts of these ids.
    An account that is closed, or gets another role, in this moment is a Conflict too.
    """
    now = ctx.now()
    cookie, csrf = credentials.new_cookie(), credentials.new_cookie()
    digest = credentials.digest(cookie)
    row = {
        "digest": digest,
        "account_id": account.id,
        "csrf": csrf,
        "started_at": now,
        "seen_at": now,
        "ends_at": now + ctx.door.settings.shift // _MICROSECOND,
        "fresh_at": now,
        "began_by": by,
        "address": address,
    }
    began = Event("session.began", account.actor.id, detail={"by": by})
    changes = (*changes, _as_it_was(account))
    adds = [] if told is None else news.told(ctx, account, by, session_id(digest), told)
    await ctx.store.commit(Transition(now, changes, (Add(sessions, row), *adds), (), (began,)))
    asked = (address or "", ctx.door.settings.reveal_from)
    return OpenedSession(cookie, Session(account, csrf, digest, by, now, *asked))


async def begin(ctx: Context, actor: Actor, address: str | None = None) -> OpenedSession:
    """Begin a session for a person who showed an API token. Raise NotSignedIn for a source or a peer.

    A session is the person, and allows all that the role does: the token must too, and must be of the person's own
    making. Whoever makes one for another would be them.
    """
    if actor.account is None:
        raise NotSignedIn("Only people sign in here; use a token that was made for an account.")
    if actor.issuer is not None:
        raise NotSignedIn("This token was made for you by somebody else; sign in with a one-time link.")
    account = await open_account(ctx, (await account_named(ctx, actor.account)).id)
    if not account.actor.permissions <= actor.permissions:
        raise NotSignedIn("This token allows less than your account; sign in with a one-time link.")
    try:
        return await open_with(ctx, account, "token", address)
    except Conflict:
        raise NotSignedIn(SIGN_IN) from None


async def resume(ctx: Context, cookie: str, address: str = "", *, used: bool = True) -> Session:
    """Return the session of a cookie, for who asks from that address, and note that it was used. Raise NotSignedIn.

    What a page asks by itself, while nobody may sit before it, is not `used`: it keeps no session alive.
    """
    return await of_digest(ctx, credentials.digest(cookie), address, used=used)


async def of_digest(ctx: Context, digest: bytes, address: str = "", *, used: bool = False) -> Session:
    """Return the session that is kept under a digest, if it goes on. Raise NotSignedIn."""
    now = ctx.now()
    theirs = select(mandates.c.id).where(mandates.c.account_id == sessions.c.account_id)
    ever, mandated = theirs.exists().label("ever"), theirs.where(mandates.c.ends_at > now).exists().label("mandated")
    rows = await ctx.store.rows(select(sessions, ever, mandated).where(sessions.c.digest == digest))
    if not rows or rows[0]["ends_at"] <= now or rows[0]["seen_at"] + idle(ctx) <= now:
        raise NotSignedIn(SIGN_IN)
    row = rows[0]
    account = await open_account(ctx, row["account_id"])
    if used and now - row["seen_at"] > _SEEN_EVERY:
        await ctx.store.commit(Transition(now, changes=(Change(sessions, {"digest": digest}, {"seen_at": now}),)))
    fresh_at = row["fresh_at"] or row["started_at"]
    stale = now - fresh_at > ctx.door.settings.fresh // _MICROSECOND
    unmandated = not row["mandated"] and bool(row["ever"] or ctx.door.settings.mandates)
    asked = (address, ctx.door.settings.reveal_from, stale, unmandated)
    return Session(account, row["csrf"], digest, row["began_by"], fresh_at, *asked)


def idle(ctx: Context) -> int:
    """Return after how many microseconds without a request a session ends."""
    return ctx.door.settings.idle // _MICROSECOND


def session_id(digest: bytes) -> str:
    """Return what names a session in lists, made of what is kept of its cookie."""
    return bytes(digest).hex()[:_ID_LETTERS]


def check_csrf(session: Session, given: str | None) -> None:
    """Raise NotAllowed unless a form carries its session's token."""
    if given is None or not hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "replace")):
        raise NotAllowed("This form is no longer valid; open the page again and repeat the step.", reason="csrf")


async def end(ctx: Context, session: Session) -> None:
    """End one session."""
    event = Event("session.ended", session.actor.id)
    removed = Remove(sessions, {"digest": session.digest})
    await ctx.store.commit(Transition(ctx.now(), removes=(removed,), events=(event,)))


async def link_row(ctx: Context, raw: str) -> Row:
    """Return the row of a link that can still be used. Raise NotSignedIn."""
    if not credentials.well_formed(raw, credentials.LINK_PREFIX):
        raise NotSignedIn(SIGN_IN)
    rows = await ctx.store.rows(
        select(tokens).where(tokens.c.digest == credentials.digest(raw), tokens.c.kind == "link")
    )
    if not rows or not _unused(rows[0], ctx.now()):
        raise NotSignedIn(SIGN_IN)
    return rows[0]


def _unused(row: Row, now: int) -> bool:
    return row["used_at"] is None and row["revoked_at"] is None and bool(row["expires_at"] > now)


async def open_account(ctx: Context, account_id: str) -> AccountRow:
    """Return an account that is open. Raise NotSignedIn."""
    try:
        account = await account_of(ctx, account_id)
    except NotFound:
        raise NotSignedIn(SIGN_IN) from None
    if account.disabled:
        raise NotSignedIn(SIGN_IN)
    return account


def _as_it_was(account: AccountRow) -> Change:
    """Return the condition that the account is open, in the role that was looked at, when its session begins.

    Whoever changes a role ends the sessions that there are; one that begins in that moment would outlive it, with all
    that the new role may do.
    """
    return Change(accounts, {"id": account.id}, {}, guard={"role": account.role, "disabled_at": None})
