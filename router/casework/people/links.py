"""A one-time link after a loss: it asks for what its person still has, or for a supervisor's yes, and both are told.

A link alone lets in who has no authenticator app, where the house has named no networks or the link is used in one of
them: supervisors are told, but of the first one of an account. Its person is told of each that was used, elsewhere than
in the session that began with it.

Whoever is at the machine makes links. For somebody who has an authenticator app a link alone is not enough, or the
machine's user would be everybody: the app's code or a recovery code is shown with it, or a supervisor, who is neither
that person nor made the link, says by their own hand that it is them who asks. Asking makes the link another one, which
only the browser that asked has: whoever made the first, or saw it on its way, does not come in by the yes.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from router.casework.context import Context
from router.casework.people import factors
from router.casework.people.sessions import SIGN_IN, OpenedSession, link_row, open_account, open_with
from router.casework.people.sign_in import counted_inside
from router.casework.people.tokens import AccountRow
from router.clock import moment
from router.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard import credentials
from router.guard.access import ROLES, Permission, is_inside
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import account_news, accounts, tokens
from schemas.account import LinkAsked
from schemas.actor import Actor

#: Somebody has to find a supervisor: from when they asked, a link lives so much longer.
_ASKING: Final = timedelta(hours=1) // timedelta(microseconds=1)
_SECOND: Final = (
    "This link asks for more: a code of your app or a recovery code, or a supervisor who says that it is you."
)
_FROM_HERE: Final = (
    "Without an authenticator app this link is used in the networks that the house has named: go there, or ask a"
    " supervisor who says that it is you."
)
WAITS: Final = "A supervisor has to say that it is you: ask one to look under People, then press the button again."
_NOT_YOU: Final = "Whoever asks to come in, or made the link, does not agree to it; another supervisor does."


async def redeem(ctx: Context, raw: str, address: str = "", code: str = "") -> OpenedSession:
    """Begin a session with a one-time link, once.

    Raise NotSignedIn for a link that is over, TooOften, NotAllowed where it is not enough (`second`, `from_here`,
    `asked`).
    """
    row = await link_row(ctx, raw)
    account = await open_account(ctx, row["account_id"])
    used = [Change(tokens, {"id": row["id"]}, {"used_at": ctx.now()}, guard={"used_at": None, "revoked_at": None})]
    by, more = "link", await _needs_more(ctx, account, address)
    if more is not None:
        if code:
            counted_inside(ctx, account.name)
            change, which = await factors.shown(ctx, account.id, code)
            used.append(change)
            by = f"link+{which}"
        elif row["yes_by"] is None:
            raise more if row["asked_at"] is None else NotAllowed(WAITS, reason="asked")
        else:
            by = "link+yes"
    try:
        return await open_with(ctx, account, by, address, tuple(used), told=await _told(ctx, account, by, row))
    except Conflict:
        raise NotSignedIn(SIGN_IN) from None


async def ask(ctx: Context, raw: str, address: str = "") -> str:
    """Ask for a supervisor's yes; return the link to go on with, the only one from then on. Raise NotSignedIn."""
    row = await link_row(ctx, raw)
    account = await open_account(ctx, row["account_id"])
    if row["asked_at"] is not None or await _needs_more(ctx, account, address) is None:
        return raw
    anew, now = credentials.new_token(credentials.LINK_PREFIX), ctx.now()
    values = {"digest": credentials.digest(anew), "asked_at": now, "expires_at": now + _ASKING}
    unused = {"asked_at": None, "used_at": None, "revoked_at": None}
    change = Change(tokens, {"id": row["id"]}, values, guard=unused)
    try:
        await ctx.store.commit(Transition(now, (change,), events=(Event("link.asked", account.actor.id),)))
    except Conflict:
        raise NotSignedIn(SIGN_IN) from None
    return anew


async def asking(ctx: Context) -> list[LinkAsked]:
    """Return the links that wait for a supervisor's yes, the oldest first."""
    joined = tokens.join(accounts, tokens.c.account_id == accounts.c.id)
    open_ = tokens.c.asked_at.is_not(None) & tokens.c.yes_by.is_(None) & (tokens.c.expires_at > ctx.now())
    wanted = (
        select(tokens, accounts.c.name.label("account")).select_from(joined).where(open_, tokens.c.used_at.is_(None))
    )
    rows = await ctx.store.rows(wanted.order_by(tokens.c.asked_at, tokens.c.id))
    return [
        LinkAsked(
            id=row["id"], account=row["account"], asked_at=moment(row["asked_at"]), ends_at=moment(row["expires_at"])
        )
        for row in rows
    ]


async def agree(ctx: Context, link_id: str, actor: Actor) -> None:
    """Say that it is the person who asks. Raise NotFound, NotAllowed for them and for who made the link."""
    found = [one for one in await asking(ctx) if one.id == link_id]
    if not found:
        raise NotFound("Nobody asks with this link; it was used or has ended.", field="link")
    rows = await ctx.store.rows(select(tokens).where(tokens.c.id == link_id))
    if actor.account is None or actor.issuer is not None or actor.account == found[0].account:
        raise NotAllowed(_NOT_YOU, reason="oneself")
    if rows[0]["issued_by"] == actor.id:
        raise NotAllowed(_NOT_YOU, reason="oneself")
    change = Change(tokens, {"id": link_id}, {"yes_by": actor.id}, guard={"yes_by": None, "used_at": None})
    event = Event("link.agreed", actor.id, detail={"account": found[0].account})
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


async def _needs_more(ctx: Context, account: AccountRow, address: str) -> NotAllowed | None:
    """Return why a link alone is not enough to come in as this person from there."""
    if await _has_app(ctx, account):
        return NotAllowed(_SECOND, reason="second")
    networks = ctx.door.settings.reveal_from
    return NotAllowed(_FROM_HERE, reason="from_here") if networks and not is_inside(address, networks) else None


async def _has_app(ctx: Context, account: AccountRow) -> bool:
    row = await factors.factor_row(ctx, account.id)
    return row is not None and row["app"] is not None


async def _told(ctx: Context, account: AccountRow, by: str, link: Row) -> list[str]:
    """Return the ids of who is told of a link that was used: who agreed, who made it, or who could have agreed."""
    names = {
        who.removeprefix("person:") for who in (link["yes_by"], link["issued_by"]) if (who or "").startswith("person:")
    }
    alone = by == "link" and await _was_here(ctx, account)
    roles = [role for role, held in ROLES.items() if alone and Permission.LINK_AGREE in held]
    them = or_(accounts.c.name.in_(sorted(names)), accounts.c.role.in_(roles))
    wanted = select(accounts.c.id).where(them, accounts.c.disabled_at.is_(None))
    return [row["id"] for row in await ctx.store.rows(wanted.order_by(accounts.c.name))]


async def _was_here(ctx: Context, account: AccountRow) -> bool:
    """Tell whether somebody came in as this person before: the first link is how an account begins."""
    of_a_link = (account_news.c.account_id == account.id) & (account_news.c.account == account.name)
    made = (tokens.c.account_id == account.id) & (tokens.c.kind == "api")
    for known in (select(account_news.c.id).where(of_a_link), select(tokens.c.id).where(made)):
        if await ctx.store.rows(known.limit(1)):
            return True
    return False
