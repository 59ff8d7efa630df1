"""Where somebody is signed in: listed to them and to who lets people in, and ended by either, one or all.

All but one end by themselves when what lets their person in becomes another: a session that was stolen must not outlive
the password it came by (OWASP ASVS 4.0 section 3.3.3; 5.0 section 7.4.3 says it of every factor).
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import news
from router.casework.people.sessions import idle, session_id
from router.casework.people.tokens import AccountRow, account_named
from router.clock import moment
from router.errors import NotFound
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.schema.tables import sessions, tokens
from schemas.account import SessionView
from schemas.actor import Actor

#: A token that lives shorter was given for a shift to who signed in for it: a session of a script. One that somebody
#: makes lives for days.
_A_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)


async def signed_in(ctx: Context, name: str, current: bytes = b"") -> list[SessionView]:
    """Return the sessions of an account, the newest first; `current` is the digest of the one that asks.

    Raise NotFound.
    """
    return [_view(row, current) for row in await _rows(ctx, name)]


async def sign_out(ctx: Context, name: str, actor: Actor, session: str | None = None, *, keep: bytes = b"") -> int:
    """End one session of an account, or all but the one of digest `keep`; return how many. Raise NotFound."""
    rows = [row for row in await _rows(ctx, name) if bytes(row["digest"]) != keep or session is not None]
    meant = [row for row in rows if session is None or session_id(row["digest"]) == session]
    if session is not None and not meant:
        raise NotFound("There is no such session; it may have ended by itself.", field="session")
    ended = Event("session.signed_out", actor.id, detail={"account": name, "count": len(meant)})
    gone = [Remove(sessions, {"digest": row["digest"]}) for row in meant]
    await ctx.store.commit(Transition(ctx.now(), removes=gone, events=(ended,) if meant else ()))
    return len(meant)


async def others_ended(ctx: Context, account: AccountRow, keep: bytes, code: str) -> Transition:
    """Return what ends all sessions of a person but the one of digest `keep`, and tells them that `code` is new.

    A Conflict when that one has ended meanwhile.
    """
    now, who = ctx.now(), account.actor.id
    rows = await ctx.store.rows(select(sessions).where(sessions.c.account_id == account.id))
    kept = [row for row in rows if bytes(row["digest"]) == keep]
    stays = [Change(sessions, {"digest": keep}, {}, guard={"account_id": account.id})] if keep else []
    lives = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > now) & (tokens.c.kind == "api")
    shift = select(tokens.c.id).where(tokens.c.account_id == account.id, lives)
    shift = shift.where(tokens.c.expires_at - tokens.c.created_at < _A_DAY)
    of_shift = [row["id"] for row in await ctx.store.rows(shift)]
    ended = Event("session.signed_out", who, detail={"account": account.name, "count": len(rows) - len(kept)})
    return Transition(
        now,
        [*stays, *(Change(tokens, {"id": one}, {"revoked_at": now}) for one in of_shift)],
        # One that begins at this moment is not among the rows: all go, and the one that is kept comes back.
        [*(Add(sessions, row) for row in kept), *news.told(ctx, account, code, session_id(keep))],
        [Remove(sessions, {"account_id": account.id})],
        [
            *([ended] if len(rows) > len(kept) else []),
            *(Event("token.revoked", who, detail={"token": one}) for one in of_shift),
        ],
    )


async def _rows(ctx: Context, name: str) -> list[Row]:
    account, now = await account_named(ctx, name), ctx.now()
    alive = (sessions.c.ends_at > now) & (sessions.c.seen_at + idle(ctx) > now)
    wanted = select(sessions).where(sessions.c.account_id == account.id, alive)
    return list(await ctx.store.rows(wanted.order_by(sessions.c.started_at.desc(), sessions.c.digest)))


def _view(row: Row, current: bytes) -> SessionView:
    return SessionView(
        id=session_id(row["digest"]),
        by=row["began_by"],
        address=row["address"],
        started_at=moment(row["started_at"]),
        seen_at=moment(row["seen_at"]),
        ends_at=moment(row["ends_at"]),
        current=bytes(row["digest"]) == current,
    )
