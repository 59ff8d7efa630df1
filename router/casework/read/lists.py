"""Lists and figures for API, console and CLI: cases, the desk, referrals, counts. Locations are masked here, always."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.gate import held_rows
from router.casework.case.gate import shown as held_view
from router.casework.case.record import Known
from router.casework.case.sealed import case_secrets, each_key
from router.casework.case.seen import holders, looks_first, seen_of
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of
from router.casework.decide.proposal import proposals_for
from router.casework.listing import Listing
from router.casework.read.desk_page import page_of_desk
from router.casework.read.narrowed import page_of_cases, page_of_referrals
from router.casework.read.numbers import NONE, FirstReports, first_reports, of_cases
from router.casework.read.sites import sites_of
from router.casework.read.views import DAMAGED, Listed, OfReferral, desk_entry, referral_view, summary
from router.casework.read.waits import referral_waits
from router.casework.referral.row import LIVE
from router.errors import Damaged, NotFound, RouterError
from router.guard.log import get_log
from router.guard.seal import CaseKey
from router.store.base import Row
from router.store.schema.tables import (
    actions,
    attempts,
    cases,
    decisions,
    part_actions,
    referrals,
    unit_answers,
)
from schemas.actor import Actor
from schemas.case_page import HolderView
from schemas.casefile import CaseSecrets, CaseSummary, DeskEntry, ReferralView, ReportNumber
from schemas.decision import Decision
from schemas.pages import CasesWanted, DeskWanted, ReferralsWanted
from schemas.partner import Partner
from schemas.vocabulary import Assessment

ANY_CASE: Final = CasesWanted()
WHOLE_DESK: Final = DeskWanted()
ANY_REFERRAL: Final = ReferralsWanted()


#: What people are asked of a case.
_DESK = tuple(column for column in cases.c if column.name.startswith("desk_"))


async def list_cases(
    ctx: Context, wanted: CasesWanted = ANY_CASE, *, cursor: str | None = None, limit: int = 50
) -> Listing[CaseSummary]:
    """Return a page of cases, newest first by their ids."""
    found = await page_of_cases(ctx, wanted, cursor, limit)
    return Listing(await summaries(ctx, found.rows), found.total, found.more, found.next)


async def summaries(ctx: Context, rows: Sequence[Row]) -> list[CaseSummary]:
    """Return cases in one row each, leaving out those that were erased."""
    page, sites = await asyncio.gather(open_all(ctx, rows), sites_of(ctx, rows))
    partners, numbers, held = await asyncio.gather(
        _partners(ctx, [one.id for one in page]),
        _numbers(ctx, page),
        held_rows(ctx, [one.row for one in page], opened=_known(page)),
    )
    return [
        summary(
            one,
            partners.get(one.id, ()),
            of_cases(numbers, one.id),
            held_view(held, one.id),
            sites.get(one.id),
        )
        for one in page
    ]


async def desk(
    ctx: Context,
    wanted: DeskWanted = WHOLE_DESK,
    *,
    cursor: str | None = None,
    limit: int = 200,
    reader: Actor | None = None,
) -> Listing[DeskEntry]:
    """Return a page of the desk: urgent first, then what has waited longest, unless `wanted` says otherwise.

    `sends` is for this `reader`, who saw it or not. Raise BadInput for a cursor that is not of this list in this order.
    """
    found = await page_of_desk(ctx, wanted, cursor, limit, reader)
    rows, ids = found.rows, [row["id"] for row in found.rows]
    # None of them waits for another: one after the other they cost a page three times as long.
    opened, proposed, sites, having, sends = await asyncio.gather(
        open_all(ctx, rows),
        proposals_for(ctx, rows),
        sites_of(ctx, rows),
        _having(ctx, ids, reader),
        _sends(ctx, rows, reader),
    )
    first, held = await asyncio.gather(_first(ctx, opened), held_rows(ctx, rows, opened=_known(opened)))
    holds = {case_id: one.police.view() for case_id, one in held.items() if one.police is not None}
    shown = []
    for one in opened:
        seal = held_view(held, one.id)
        entry = desk_entry(one, proposed.get(one.id, ()), first.get(one.id, NONE), seal, sites.get(one.id))
        if entry is not None:
            more = {"police_hold": holds.get(one.id), "holder": having.get(one.id)}
            shown.append(entry.model_copy(update=more | {"sends": bool(entry.proposal) and one.id in sends}))
    return Listing(shown, found.total, found.more, found.next)


async def _having(ctx: Context, case_ids: Sequence[str], reader: Actor | None) -> dict[str, HolderView]:
    """Return who has which of these items, as this reader is told; nothing where nobody reads."""
    held = {} if reader is None else await holders(ctx, case_ids)
    return {case_id: one.view(reader) for case_id, one in held.items()}


async def _sends(ctx: Context, rows: Sequence[Row], reader: Actor | None) -> set[str]:
    """Return which of these this person may send as proposed: what they have seen, or need not have."""
    if reader is None:
        return set()
    seen, (_, policy) = await asyncio.gather(seen_of(ctx, [row["id"] for row in rows], reader), ctx.governance.policy())
    unseen = (row for row in rows if row["assessment"] != Assessment.UNASSESSED and not looks_first(row, policy))
    return seen | {row["id"] for row in unseen}


async def list_referrals(
    ctx: Context, wanted: ReferralsWanted = ANY_REFERRAL, *, cursor: str | None = None, limit: int = 50
) -> Listing[ReferralView]:
    """Return a page of referrals, newest first by their ids; those to one partner newest case first."""
    found = await page_of_referrals(ctx, wanted, cursor, limit)
    return Listing(await views_of(ctx, found.rows), found.total, found.more, found.next)


async def referral(ctx: Context, referral_id: str) -> ReferralView:
    """Return one referral. Raise NotFound."""
    rows = await ctx.store.rows(select(referrals).where(referrals.c.id == referral_id))
    if not rows:
        raise NotFound("There is no referral with this id; check it.")
    return (await views_of(ctx, rows))[0]


async def open_all(ctx: Context, rows: Sequence[Row]) -> list[Listed]:
    """Return cases with their locations open, leaving out those that were erased."""
    keys = await each_key(ctx, (row["id"] for row in rows))
    return [Listed(row, _secrets(row, keys[row["id"]]), keys[row["id"]]) for row in rows if row["id"] in keys]


async def _numbers(ctx: Context, listed: Sequence[Listed]) -> dict[str, tuple[ReportNumber, ...]]:
    """Return what the first reports of cases are called."""
    return {case_id: one.numbers for case_id, one in (await _first(ctx, listed)).items()}


async def _first(ctx: Context, listed: Sequence[Listed]) -> dict[str, FirstReports]:
    return await first_reports(ctx, {one.id: one.secrets for one in listed}, {one.id: one.key for one in listed})


def _known(listed: Sequence[Listed]) -> Known:
    """Return what was opened of those that are not damaged."""
    return {one.id: (one.key, one.secrets) for one in listed if one.key is not None and one.secrets is not DAMAGED}


def _secrets(row: Row, key: CaseKey | None) -> CaseSecrets:
    """Return what a row keeps sealed, `DAMAGED` where that cannot be opened."""
    try:
        return DAMAGED if key is None else case_secrets(key, row["id"], row["sealed"])
    except Damaged:
        get_log("read").warning("case_damaged", case=row["id"])
        return DAMAGED


def _telephone(ctx: Context, partner: Partner | None) -> str | None:
    """Return where people call a partner; nothing where its settings cannot be read."""
    dialect = None if partner is None else ctx.dialects.get(partner.dialect)
    if partner is None or dialect is None or not dialect.confirmed_by_people:
        return None
    with suppress(RouterError):
        return dialect.telephone(partner)
    return None


async def _answers(ctx: Context, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return what units said of these referrals, by the referral's id, oldest first."""
    found: dict[str, list[Row]] = {}
    wanted = [row["id"] for row in rows if row["by_people"]]
    if wanted:
        said = select(unit_answers).where(unit_answers.c.referral_id.in_(wanted))
        for one in await ctx.store.rows(said.order_by(unit_answers.c.at, unit_answers.c.id)):
            found.setdefault(one["referral_id"], []).append(one)
    return found


async def views_of(ctx: Context, rows: Sequence[Row]) -> list[ReferralView]:
    """Return referrals with their attempts and their partners' titles."""
    directory = await ctx.governance.directory()
    ids = [row["id"] for row in rows]
    tries: dict[str, list[Row]] = {}
    if ids:
        found = select(attempts).where(attempts.c.referral_id.in_(ids))
        for one in await ctx.store.rows(found.order_by(attempts.c.started_at, attempts.c.id)):
            tries.setdefault(one["referral_id"], []).append(one)
    said, answers = await _said(ctx, rows), await _answers(ctx, rows)
    titles: dict[str, str] = {partner.name: partner.title for partner in directory.partners}
    shown_cases = await _cases_of(ctx, {row["case_id"] for row in rows})
    opened = await open_all(ctx, list(shown_cases.values()))
    numbers = await _numbers(ctx, opened)
    held = await held_rows(ctx, list(shown_cases.values()), opened=_known(opened))
    waiting = await referral_waits(ctx, rows, held)
    by = await _held_by(ctx, rows)
    return [
        referral_view(
            row,
            titles.get(row["partner"]) or str(row["partner"]),
            OfReferral(
                tries.get(row["id"], ()),
                said.get(row["id"], ()),
                of_cases(numbers, row["case_id"]),
                answers.get(row["id"], ()),
                _telephone(ctx, directory.named(row["partner"])),
                held_view(held, row["case_id"]),
                by.get(row["decision_id"]),
            ),
            shown_cases[row["case_id"]],
            waiting.get(row["id"]),
        )
        for row in rows
    ]


async def _held_by(ctx: Context, rows: Sequence[Row]) -> dict[str, int]:
    """Return the version of the policy by whose decision a referral is held, by the decision's id."""
    ids = {row["decision_id"] for row in rows if row["hold_reason"] is not None}
    wanted = select(decisions.c.id, decisions.c.policy_version).where(decisions.c.id.in_(sorted(ids)))
    return {row["id"]: row["policy_version"] for row in await ctx.store.rows(wanted)} if ids else {}


async def _said(ctx: Context, rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return what partners did with these referrals, oldest first, by the referral's id."""
    taken = [row for row in rows if row["accepted_at"] is not None]
    if not taken:
        return {}
    case_ids, ids = sorted({row["case_id"] for row in taken}), [row["id"] for row in taken]
    of_cases = select(actions).where(and_(actions.c.case_id.in_(case_ids), actions.c.referral_id.in_(ids)))
    found = await ctx.store.rows(of_cases)
    found += await ctx.store.rows(select(part_actions).where(part_actions.c.referral_id.in_(ids)))
    said: dict[str, list[Row]] = {}
    for one in sorted(found, key=lambda each: (each["at"], each["id"])):
        said.setdefault(one["referral_id"], []).append(one)
    return said


async def _cases_of(ctx: Context, case_ids: set[str]) -> dict[str, Row]:
    """Return of these cases what decides which acts are offered on their referrals."""
    if not case_ids:
        return {}
    wanted = select(cases.c.id, cases.c.state, *_DESK, cases.c.sealed, cases.c.kind, cases.c.origin_reference).where(
        cases.c.id.in_(sorted(case_ids))
    )
    return {row["id"]: row for row in await ctx.store.rows(wanted)}


async def decisions_of(ctx: Context, rows: Sequence[Row]) -> dict[str, Decision]:
    """Return the decision in force of each case."""
    ids = [row["decision_id"] for row in rows if row["decision_id"]]
    if not ids:
        return {}
    found = await ctx.store.rows(select(decisions.c.case_id, decisions.c.decision).where(decisions.c.id.in_(ids)))
    return {row["case_id"]: decision for row in found if (decision := decision_of(row)) is not None}


async def _partners(ctx: Context, case_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if not case_ids:
        return {}
    live = and_(referrals.c.case_id.in_(case_ids), referrals.c.state.in_(sorted(LIVE)))
    found: dict[str, tuple[str, ...]] = {}
    for row in await ctx.store.rows(select(referrals.c.case_id, referrals.c.partner).where(live)):
        found[row["case_id"]] = (*found.get(row["case_id"], ()), row["partner"])
    return found
