"""Showing again who one is, in a session that goes on: before a location is shown, and before something is sent.

Whoever sits down at a screen that was left open has its session, and nothing of what its person knows or carries.
"""

from dataclasses import replace

from router.casework.context import Context
from router.casework.people import factors
from router.casework.people.sessions import Session
from router.casework.people.sign_in import WRONG, counted_inside
from router.casework.people.tokens import authenticate_token
from router.errors import Conflict, NotSignedIn
from router.guard import credentials
from router.store.base import Change, Event, Transition
from router.store.schema.tables import sessions


async def show_again(ctx: Context, session: Session, shown: str) -> Session:
    """Return the session, fresh: by a code of the app, a recovery code, or a whole token of one's own making.

    Raise NotSignedIn for anything else, always in the same words, and TooOften.
    """
    account = session.account
    tried = counted_inside(ctx, account.name)
    try:
        changes: list[Change] = []
        if credentials.well_formed(shown):
            by = await _by_token(ctx, session, shown)
        else:
            used, by = await factors.shown(ctx, account.id, shown)
            changes.append(used)
        now = Change(sessions, {"digest": session.digest}, {"fresh_at": ctx.now()}, guard={"account_id": account.id})
        event = Event("session.fresh", account.actor.id, detail={"by": by})
        await ctx.store.commit(Transition(ctx.now(), (*changes, now), events=(event,)))
    except (NotSignedIn, Conflict):
        raise NotSignedIn(WRONG, reason="sign_in") from None
    ctx.door.by_account.give_back(tried)
    return replace(session, fresh_at=ctx.now(), stale=False)


async def _by_token(ctx: Context, session: Session, shown: str) -> str:
    """Return that it is a token that would have begun this session. Raise NotSignedIn."""
    actor = await authenticate_token(ctx, shown)
    own = actor.account == session.account.name and actor.issuer is None
    if not own or not session.actor.permissions <= actor.permissions:
        raise NotSignedIn
    return "token"
