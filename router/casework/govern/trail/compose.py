"""What a trail says: every entry of the audit chain that is of its case, and none of another; and what left.

Read with no transaction open: what happens while it is read stands in the next trail. The chain's newest root, signed
after all that was read, stands in it, so that every entry can be proven to have been there.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from hashlib import sha256
from statistics import median
from typing import Any, Final

from sqlalchemy import select

from router import __version__
from router.casework.believed import doubt
from router.casework.case.record import Opened
from router.casework.case.sealed import PAYLOAD
from router.casework.context import Context
from router.casework.govern.trail.staff import Staff
from router.casework.read.audit.why import Place, whys
from router.casework.read.audit_log import newest_root
from router.casework.read.audit_text import known, parsed
from router.clock import moment, moment_or_none
from router.errors import Damaged
from router.store.base import Row
from router.store.schema.tables import (
    accounts,
    attempts,
    audit,
    epochs,
    items,
    partner_state,
    policies,
    referrals,
    reports,
)
from schemas.decision import RouteWhy
from schemas.partner import Directory
from schemas.trail import (
    CourtLanguage,
    Trail,
    TrailAttempt,
    TrailCase,
    TrailClock,
    TrailEntry,
    TrailLeft,
    TrailOrder,
    TrailReveal,
    TrailSecrets,
)

_REVEALED: Final = "case.revealed"


async def compose(
    ctx: Context, asked: Row, secrets: TrailSecrets, opened: Opened, confirmed_by: str
) -> tuple[Trail, Mapping[str, str]]:
    """Return the trail, and the names of the staff numbers in it. Raise StoreUnavailable."""
    rows = await ctx.store.rows(select(accounts.c.name).order_by(accounts.c.id))
    staff = Staff([row["name"] for row in rows])
    entries = await _entries(ctx, opened.id, staff)
    version, _ = await ctx.governance.policy()
    order = TrailOrder(
        reference=secrets.order,
        court=secrets.court,
        asked_by=staff.of(asked["by"]),
        asked_at=moment(asked["at"]),
        confirmed_by=staff.of(confirmed_by),
    )
    said = Trail(
        id=asked["id"],
        language=CourtLanguage(asked["language"]),
        house=ctx.me,
        program=__version__,
        policy=version,
        made_at=ctx.clock.now(),
        order=order,
        case=await _case(ctx, opened),
        clock=await _clock(ctx),
        entries=entries,
        left=await _left(ctx, opened, await ctx.governance.directory()),
        revealed=tuple(TrailReveal(by=one.by, at=one.at) for one in entries if one.act == _REVEALED),
        checkpoint=await newest_root(ctx),
    )
    return said, dict(sorted(staff.met.items()))


async def _entries(ctx: Context, case_id: str, staff: Staff) -> tuple[TrailEntry, ...]:
    of_case = select(audit).where(audit.c.case_id == case_id).order_by(audit.c.at, audit.c.epoch, audit.c.seq)
    rows = await ctx.store.rows(of_case)
    wrote = {row["epoch"]: row["program"] for row in await ctx.store.rows(select(epochs.c.epoch, epochs.c.program))}
    published = select(policies.c.version, policies.c.published_at).order_by(policies.c.version)
    in_force = [(row["published_at"], row["version"]) for row in await ctx.store.rows(published)]
    why = await whys(ctx, case_id, rows)
    return tuple(_entry(number, row, staff, ctx.zone, wrote, in_force, why) for number, row in enumerate(rows, 1))


def _entry(
    number: int,
    row: Row,
    staff: Staff,
    zone: tzinfo,
    wrote: Mapping[str, str | None],
    in_force: Sequence[tuple[int, int]],
    why: Mapping[Place, tuple[RouteWhy, ...]],
) -> TrailEntry:
    detail, at = parsed(row), moment(row["at"])
    return TrailEntry(
        number=number,
        at=at,
        local=at.astimezone(zone).isoformat(timespec="seconds"),
        by=staff.of(row["actor"]),
        act=row["act"],
        detail=staff.within(known(detail or {})),
        referral=row["referral_id"],
        why=why.get((row["epoch"], row["seq"]), ()),
        typed=(detail or {}).get("typed") is not None,
        damaged=detail is None,
        program=wrote.get(row["epoch"]),
        policy=max((version for since, version in in_force if since <= row["at"]), default=None),
        epoch=row["epoch"],
        seq=row["seq"],
        hash=bytes(row["hash"]).hex(),
    )


async def _case(ctx: Context, opened: Opened) -> TrailCase:
    joined = items.join(reports, items.c.report_id == reports.c.id)
    wanted = select(reports.c.dossier, reports.c.source).select_from(joined).where(items.c.case_id == opened.id)
    rows, row = await ctx.store.rows(wanted.order_by(items.c.added_at, items.c.id)), opened.row
    return TrailCase(
        id=opened.id,
        dossiers=tuple(dict.fromkeys(one["dossier"] for one in rows if one["dossier"])),
        sources=tuple(dict.fromkeys(one["source"] for one in rows)),
        received_at=moment(row["received_at"]),
        opened_at=moment(row["opened_at"]),
        state=row["state"],
        assessment=row["assessment"],
        hosting_country=row["hosting_country"],
        assigned_country=row["assigned_country"],
        closed_at=moment_or_none(row["closed_at"]),
        outcome=row["outcome"],
    )


async def _clock(ctx: Context) -> TrailClock:
    """Return how far the house's clock is from those of its partners, as they said the time in their last answers."""
    said = select(partner_state.c.clock_ahead).where(partner_state.c.clock_ahead.is_not(None))
    ahead = [row["clock_ahead"] for row in await ctx.store.rows(said)]
    behind = float(median(ahead)) if ahead else None
    return TrailClock(zone=str(ctx.zone), partners=len(ahead), behind_seconds=behind, doubt=await doubt(ctx))


async def _left(ctx: Context, opened: Opened, directory: Directory) -> tuple[TrailLeft, ...]:
    of_case = select(referrals).where(referrals.c.case_id == opened.id).order_by(referrals.c.created_at, referrals.c.id)
    rows = await ctx.store.rows(of_case)
    ids = [row["id"] for row in rows]
    tried = select(attempts).where(attempts.c.referral_id.in_(ids)).order_by(attempts.c.started_at, attempts.c.id)
    found: dict[str, list[TrailAttempt]] = {}
    for one in await ctx.store.rows(tried) if ids else []:
        found.setdefault(one["referral_id"], []).append(_attempt(one))
    kinds: dict[str, Any] = {one.name: one.kind for one in directory.partners}
    return tuple(_one_left(row, opened, kinds.get(row["partner"]), tuple(found.get(row["id"], ()))) for row in rows)


def _attempt(row: Row) -> TrailAttempt:
    return TrailAttempt(
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        outcome=row["outcome"],
        reason=row["reason"],
    )


def _one_left(row: Row, opened: Opened, kind: str | None, tried: tuple[TrailAttempt, ...]) -> TrailLeft:
    return TrailLeft(
        referral=row["id"],
        partner=row["partner"],
        kind=kind,
        state=row["state"],
        created_at=moment(row["created_at"]),
        first_sent_at=moment_or_none(row["first_sent_at"]),
        accepted_at=moment_or_none(row["accepted_at"]),
        receipt=row["receipt"],
        sha256=_digest(row, opened),
        keyed=None if row["payload_digest"] is None else bytes(row["payload_digest"]).hex(),
        attempts=tried,
    )


def _digest(row: Row, opened: Opened) -> str | None:
    """Return the SHA-256 of what was fixed to be sent: that of the copy of a partner that takes it as it is."""
    if row["payload"] is None:
        return None
    try:
        return sha256(opened.key.open(f"{PAYLOAD}:{row['id']}", row["payload"])).hexdigest()
    except Damaged:
        return None
