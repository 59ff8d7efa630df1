"""A one-time link after a loss: it asks for what its person still has, or for a supervisor's yes, and both are told.

Whoever is at the machine makes links. For somebody who has an authenticator app a link alone is not enough, or the
machine's user would be everybody: the app's code or a recovery code is shown with it, or a supervisor, who is neither
that person nor made the link, says by their own hand that it is them who asks. Asking makes the link another one, which
only the browser that asked has: whoever made the first, or saw it on its way, does not come in by the yes.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.people import factors
from router.casework.people.sessions import SIGN_IN, OpenedSession, link_row, open_account, open_with
from router.casework.people.sign_in import counted_inside
from router.casework.people.tokens import AccountRow, account_named
from router.clock import moment
from router.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from router.guard import credentials
from router.store.base import Add, Change, Event, Transition
from router.store.ids import new_id
from router.store.schema.tables import account_news, accounts, tokens
from schemas.account import LinkAsked, News
from schemas.actor import Actor

#: Somebody has to find a supervisor: from when they asked, a link lives so much longer.
_ASKING: Final = timedelta(hours=1) // timedelta(microseconds=1)
_SECOND: Final = (
    "This link asks for more: a code of your app or a recovery code, or a supervisor who says that it is you."
)
WAITS: Final = "A supervisor has to say that it is you: ask one to look under People, then press the button again."
_NOT_YOU: Final = "Whoever asks to come in, or made the link, does not agree to it; another supervisor does."


async def redeem(ctx: Context, raw: str, address: str = "", code: str = "") -> OpenedSession:
    """Begin a session with a one-time link, once.

    Raise NotSignedIn for a link that is over, NotAllowed (`second`, `asked`) where it is not enough, TooOften.
    """
    row = await link_row(ctx, raw)
    account = await open_account(ctx, row["account_id"])
    used = [Change(tokens, {"id": row["id"]}, {"used_at": ctx.now()}, guard={"used_at": None, "revoked_at": None})]
    by, told = "link", list[str]()
    if await _needs_more(ctx, account):
        if code:
            counted_inside(ctx, account.name)
            change, which = await factors.shown(ctx, account.id, code)
            used.append(change)
            by = f"link+{which}"
        elif row["yes_by"] is None:
            waits = row["asked_at"] is not None
            raise NotAllowed(WAITS, reason="asked") if waits else NotAllowed(_SECOND, reason="second")
        else:
            by, told = "link+yes", [row["yes_by"]]
    try:
        return await open_with(ctx, account, by, address, tuple(used), await _news(ctx, account, by, told))
    except Conflict:
        raise NotSignedIn(SIGN_IN) from None


async def ask(ctx: Context, raw: str) -> str:
    """Ask for a supervisor's yes; return the link to go on with, the only one from then on. Raise NotSignedIn."""
    row = await link_row(ctx, raw)
    account = await open_account(ctx, row["account_id"])
    if row["asked_at"] is not None or not await _needs_more(ctx, account):
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


async def news_of(ctx: Context, account_id: str) -> list[News]:
    """Return what a person has not yet said they know, the oldest first."""
    wanted = select(account_news).where(account_news.c.account_id == account_id, account_news.c.seen_at.is_(None))
    rows = await ctx.store.rows(wanted.order_by(account_news.c.at, account_news.c.id))
    return [News(code=row["code"], account=row["account"], at=moment(row["at"])) for row in rows]


async def know(ctx: Context, account: AccountRow) -> None:
    """Note that a person knows all of it."""
    rows = await ctx.store.rows(
        select(account_news.c.id).where(account_news.c.account_id == account.id, account_news.c.seen_at.is_(None))
    )
    changes = [Change(account_news, {"id": row["id"]}, {"seen_at": ctx.now()}) for row in rows]
    await ctx.store.commit(Transition(ctx.now(), changes))


async def _needs_more(ctx: Context, account: AccountRow) -> bool:
    row = await factors.factor_row(ctx, account.id)
    return row is not None and row["app"] is not None


async def _news(ctx: Context, account: AccountRow, by: str, agreed: Sequence[str]) -> list[Add]:
    """Return what tells the person that a link was used for their account, and who agreed to it that it was."""
    if by == "link":
        return []
    told = [account, *[await account_named(ctx, who.removeprefix("person:")) for who in agreed]]
    row = {"account": account.name, "code": by, "at": ctx.now(), "seen_at": None}
    return [Add(account_news, {**row, "id": new_id(), "account_id": one.id}) for one in told]
