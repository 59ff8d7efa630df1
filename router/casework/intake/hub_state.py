"""How a hub's inbox stands, for those who run the router: what could not be taken, and what cannot be seen."""

from typing import Final

from sqlalchemy import and_, func, select

from router.casework.context import Context
from router.clock import moment
from router.store.schema.tables import hub_inboxes, hub_items

#: So many numbers are named; whoever looks them up at the hub begins with these.
_NAMED: Final = 5
_UNFIT: Final = "{count} of its contents could not be taken ({numbers}): look them up there."
_UNTOLD: Final = "It does not take how {count} of its contents ended ({numbers}): tell it there by hand."
_FULL: Final = "One of its lists shows only the newest, since {since:%d.%m.%Y %H:%M}: acknowledge what it gives."
_FAILED: Final = "It could not be read the last time: {why}"


async def inbox_state(ctx: Context, partner: str) -> str:
    """Return in sentences what is wrong with a partner's inbox; nothing where it is read and all of it was taken."""
    said: list[str] = []
    for state, sentence in (("unfit", _UNFIT), ("untold", _UNTOLD)):
        those = and_(hub_items.c.partner == partner, hub_items.c.state == state)
        count = (await ctx.store.rows(select(func.count().label("n")).select_from(hub_items).where(those)))[0]["n"]
        if count:
            wanted = select(hub_items.c.number).where(those).order_by(hub_items.c.listed_at.desc()).limit(_NAMED)
            numbers = [str(row["number"]) for row in await ctx.store.rows(wanted)]
            named = ", ".join([*numbers, *(["…"] if count > _NAMED else [])])
            said.append(sentence.format(count=count, numbers=named))
    for row in await ctx.store.rows(select(hub_inboxes).where(hub_inboxes.c.partner == partner)):
        if row["full_since"] is not None:
            said.append(_FULL.format(since=moment(row["full_since"])))
        if row["last_text"] is not None:
            said.append(_FAILED.format(why=row["last_text"]))
    return " ".join(said)
