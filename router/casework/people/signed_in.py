"""Where somebody is signed in: listed to them and to who lets people in, and ended by either, one or all."""

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people.sessions import idle, session_id
from router.casework.people.tokens import account_named
from router.clock import moment
from router.errors import NotFound
from router.store.base import Event, Remove, Row, Transition
from router.store.schema.tables import sessions
from schemas.account import SessionView
from schemas.actor import Actor


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
