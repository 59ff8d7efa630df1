"""What somebody is told on their next page of an account: who came in by a link, and what lets its person in by now.

The session by which it came is not told: whoever comes in, or changes what lets them in, would be the one to say that
it is known, and nobody else would ever hear of it.
"""

from collections.abc import Iterable

from sqlalchemy import or_, select

from router.casework.context import Context
from router.casework.people.tokens import AccountRow
from router.clock import moment
from router.store.base import Add, Change, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import account_news, accounts
from schemas.account import News


def told(ctx: Context, account: AccountRow, code: str, session: str, whom: Iterable[str] = ()) -> list[Add]:
    """Return what tells a person, and those of the other ids, of their account; `session` names the one it came by."""
    row = {"account": account.name, "code": code, "at": ctx.now(), "seen_at": None, "session": session or None}
    return [Add(account_news, {**row, "id": new_id(), "account_id": one}) for one in dict.fromkeys((account.id, *whom))]


async def news_of(ctx: Context, account_id: str, session: str = "") -> list[News]:
    """Return what a person has not yet said they know, the oldest first, as their session of that name is told it.

    Of themselves each is told with its moment: only they can say whether it was them. Of another it is one line.
    """
    told: dict[tuple[str, ...], News] = {}
    for row in await _unknown(ctx, account_id, session):
        own = row["account"] == row["theirs"]
        key = (row["id"],) if own else (row["account"], row["code"])
        before = told.pop(key, None)
        times = 1 if before is None else before.times + 1
        told[key] = News(code=row["code"], account=row["account"], at=moment(row["at"]), times=times)
    return list(told.values())


async def know(ctx: Context, account_id: str, session: str = "") -> None:
    """Note that a person knows all that this session is told."""
    rows = await _unknown(ctx, account_id, session)
    changes = [Change(account_news, {"id": row["id"]}, {"seen_at": ctx.now()}) for row in rows]
    await ctx.store.commit(Transition(ctx.now(), changes))


async def _unknown(ctx: Context, account_id: str, session: str) -> list[Row]:
    elsewhere = or_(account_news.c.session.is_(None), account_news.c.session != session)
    joined = account_news.join(accounts, account_news.c.account_id == accounts.c.id)
    wanted = select(account_news, accounts.c.name.label("theirs")).select_from(joined)
    wanted = wanted.where(account_news.c.account_id == account_id, account_news.c.seen_at.is_(None))
    return list(await ctx.store.rows(wanted.where(elsewhere).order_by(account_news.c.at, account_news.c.id)))
