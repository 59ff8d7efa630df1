"""Cases with what their reader may do to each: what is looked at before an act on several of them.

They are the open ones of one site, those that somebody chose, or all that a filter of the desk finds.
"""

from collections.abc import Sequence

from sqlalchemy import select

from router.casework.case.acts import Standing, offered, permitted
from router.casework.case.gate import held_rows
from router.casework.case.seen import looks_first, seen_of
from router.casework.context import Context
from router.casework.decide.proposal import proposals_for, referrals_of
from router.casework.read.desk_page import page_of_desk
from router.casework.read.lists import summaries
from router.casework.read.sites import host_called, sites_of
from router.casework.referral.row import is_at_work
from router.errors import NotFound
from router.store.base import Row
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.group import MOST, Chosen, Group, GroupCase, Grouped
from schemas.pages import DeskWanted
from schemas.vocabulary import Assessment

_NONE = "No open case has a site of this tag now; see the desk."


async def group(ctx: Context, tag: str, reader: Actor) -> Group:
    """Return the open cases of a site, oldest first. Raise NotFound without one, BadInput for a tag of several."""
    host = await host_called(ctx, tag)
    if host is None:
        raise NotFound(_NONE)
    of_host = select(cases).where(cases.c.host_bidx == host, cases.c.closed_at.is_(None))
    rows = await ctx.store.rows(of_host.order_by(cases.c.id).limit(MOST + 1))
    if not rows:
        raise NotFound(_NONE)
    shown = rows[:MOST]
    site = (await sites_of(ctx, shown[:1]))[shown[0]["id"]]
    return Group(site=site, items=tuple(await _cases(ctx, shown, reader)), more=len(rows) > MOST)


async def chosen(ctx: Context, case_ids: Sequence[str], reader: Actor) -> Chosen:
    """Return these cases in this order, without those that are not here."""
    meant = list(dict.fromkeys(case_ids))[:MOST]
    rows = await ctx.store.rows(select(cases).where(cases.c.id.in_(sorted(meant)))) if meant else []
    by_id = {row["id"]: row for row in rows}
    return Chosen(items=tuple(await _cases(ctx, [by_id[one] for one in meant if one in by_id], reader)))


async def found_on_desk(ctx: Context, wanted: DeskWanted, reader: Actor) -> Chosen:
    """Return all that a filter of the desk finds, in its order, up to as many as one act takes."""
    rows: list[Row] = []
    cursor: str | None = None
    while len(rows) < MOST:
        page = await page_of_desk(ctx, wanted, cursor, MOST - len(rows), reader)
        rows += page.rows
        cursor = page.next
        if cursor is None:
            break
    return Chosen(items=tuple(await _cases(ctx, rows, reader)), more=cursor is not None)


async def _cases(ctx: Context, rows: Sequence[Row], reader: Actor) -> list[GroupCase]:
    ids = [row["id"] for row in rows]
    seen, held = await seen_of(ctx, ids, reader), await held_rows(ctx, rows)
    proposed, referrals = await proposals_for(ctx, rows), await referrals_of(ctx, ids)
    _, policy = await ctx.governance.policy()
    directory = await ctx.governance.directory()
    by_id, found = {row["id"]: row for row in rows}, []
    for one in await summaries(ctx, rows):
        held_by = held.get(one.id)
        under_embargo = held_by is not None and bool(held_by.by)
        row, mine = by_id[one.id], () if under_embargo else proposed.get(one.id, ())
        at = Standing(
            row,
            works=any(map(is_at_work, referrals.get(one.id, ()))),
            seen=one.id in seen,
            look_first=looks_first(row, policy),
            has_proposal=bool(mine),
            somebody=any(each.enabled and each.name != ctx.me for each in directory.partners),
            held=under_embargo,
            told_nobody=held_by is not None and held_by.police is not None,
        )
        may = permitted(offered(at), reader.permissions, Assessment(row["assessment"]))
        partners = tuple(dict.fromkeys(name for each in mine for name in each.partners))
        acts = tuple(act for act in Grouped if act in may)
        found.append(GroupCase(case=one, seen=at.seen, proposal=partners, acts=acts))
    return found
