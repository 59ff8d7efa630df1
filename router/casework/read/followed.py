"""A report as who sent it may follow it: its cases, partners, receipts, acts and ends, or four coarse words.

A source of the house (whoever may read cases, and the hotline's own analysts) sees all of it as it is. Any other must
not learn from an answer whether a location was known before, is held back, or is under investigation. So what it hears
does not come when it happens: for a day everything is `received`, for a week `handled`, and only then, in steps of a
whole day, whether it was passed on or closed. What is held, stopped, or waits for a partner or a person stays
`handled`, as what nobody has come to yet. Every answer takes the same look-ups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_, select

from router.casework.case.gate import held_rows
from router.casework.context import Context
from router.casework.intake.source_view import opaque
from router.casework.read import lists
from router.errors import BadInput, NotFound
from router.guard.access import Permission
from router.store.base import Row
from router.store.schema.tables import cases, items, referrals, reports, sources
from schemas.actor import Actor
from schemas.dossier import read
from schemas.followed import HANDLED_FOR, RECEIVED_FOR, ItemFollowed, ReportFollowed, ReportState
from schemas.source import is_of_house
from schemas.states import CaseState

_DAY: Final = 86_400_000_000
_ORDER: Final = tuple(ReportState)


async def followed(ctx: Context, number: str, actor: Actor) -> ReportFollowed:
    """Return a report by its id, our number, or its source's reference. Raise NotFound, BadInput for several."""
    row = await _row(ctx, number, actor)
    kind = await ctx.store.rows(select(sources.c.kind).where(sources.c.name == row["source"]))
    by_person = Permission.CASE_READ in actor.permissions
    of_house = by_person or (bool(kind) and is_of_house(kind[0]["kind"]))
    seen = await standing(ctx, row, of_house=of_house, by_person=by_person)
    shown = await _shown(ctx, list(seen.cases.values())) if of_house else {}
    return ReportFollowed(
        id=row["id"],
        dossier=row["dossier"],
        source=row["source"],
        reference=number if row["by_reference"] else None,
        state=seen.least_far,
        items=tuple(
            ItemFollowed(
                index=one["position"],
                case=seen.case_of(one),
                state=seen.states[one["case_id"]],
                **shown.get(one["case_id"], {}),
            )
            for one in seen.placed
        ),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a report is, as its source may hear: asked for it, or told."""

    report: Row
    of_house: bool
    placed: Sequence[Row]  #: its items as its source sent them, each with its case
    cases: Mapping[str, Row]
    states: Mapping[str, ReportState]  #: by case

    @property
    def least_far(self) -> ReportState:
        """Return how far the item is that is least far."""
        return min(self.states.values(), key=_ORDER.index)

    def case_of(self, placed: Row) -> str:
        """Return what its source knows an item's case by."""
        return str(placed["case_id"]) if self.of_house else opaque(self.report["id"], placed["position"])


async def standing(ctx: Context, report: Row, *, of_house: bool, by_person: bool = False) -> Standing:
    """Return how far a report is, by the same look-ups whatever there is to be found.

    Of what is held only `by_person` hears what happened since that began; no system does.
    """
    placed = await ctx.store.rows(
        select(items.c.position, items.c.case_id)
        .where(and_(items.c.report_id == report["id"], items.c.position >= 0))
        .order_by(items.c.position)
    )
    ids = sorted({one["case_id"] for one in placed})
    found = {one["id"]: one for one in await ctx.store.rows(select(cases).where(cases.c.id.in_(ids)))}
    passed = await ctx.store.rows(
        select(referrals.c.case_id, referrals.c.accepted_at).where(
            and_(referrals.c.case_id.in_(ids), referrals.c.accepted_at.is_not(None))
        )
    )
    held = {} if by_person else await held_rows(ctx, list(found.values()))
    states = {
        one: _state(ctx, report, found.get(one), passed, _Seen(of_house, held[one].since if one in held else None))
        for one in ids
    }
    told = {case_id: row for case_id, row in found.items() if case_id not in held}
    return Standing(report, of_house, placed, told, states)


async def _row(ctx: Context, number: str, actor: Actor) -> dict[str, Any]:
    """Return the report's row. A source finds its own alone, in words that tell nothing of any other."""
    by_reference = reports.c.reference_bidx.in_(ctx.keyring.blinds("reference", number))
    ways = [by_reference] + ([reports.c.dossier == own] if (own := read(number)) else [])
    ways += [reports.c.id == str(UUID(number))] if _is_id(number) else []
    wanted = select(reports, by_reference.label("by_reference")).where(or_(*ways))
    if actor.source is not None:
        wanted = wanted.where(reports.c.source == actor.source)
    rows = await ctx.store.rows(wanted.limit(2))
    if not rows:
        raise NotFound("There is no report with this number; check it.")
    if len(rows) > 1:
        text = "Several sources have a report of this reference; ask by our own number."
        raise BadInput(text, field="path/number", reason="several")
    return dict(rows[0])


def _is_id(number: str) -> bool:
    try:
        return str(UUID(number)) == number.lower()
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who asks: the house, or another; and until when anything is told of a case that an embargo holds."""

    of_house: bool
    frozen: int | None  #: microseconds


def _state(ctx: Context, report: Row, case: Row | None, passed: Sequence[Row], seen: _Seen) -> ReportState:
    """Return how far an item is: at this moment for the house, by whole days and late for any other.

    What happened since an embargo began is told to no system, that of the house included; the rest goes on as for what
    nobody has come to yet.
    """
    now, of_house = ctx.now(), seen.of_house
    until = now if of_house else now - now % _DAY - _DAY
    until = until if seen.frozen is None else min(until, seen.frozen)
    age = timedelta(microseconds=now - report["taken_at"])
    if not of_house and age < RECEIVED_FOR:
        return ReportState.RECEIVED
    if not of_house and age < HANDLED_FOR:
        return ReportState.HANDLED
    if case is None:  # erased: it was closed long ago
        return ReportState.CLOSED
    if case["closed_at"] is not None and case["closed_at"] <= until:
        return ReportState.CLOSED
    if any(one["case_id"] == case["id"] and one["accepted_at"] <= until for one in passed):
        return ReportState.PASSED_ON
    is_new = of_house and case["state"] == CaseState.RECEIVED
    return ReportState.RECEIVED if is_new else ReportState.HANDLED


async def _shown(ctx: Context, rows: Sequence[Row]) -> Mapping[str, Mapping[str, Any]]:
    """Return what the house reads of these cases, masked as in lists, without tags: it goes to other systems."""
    if not rows:
        return {}
    summaries = await lists.summaries(ctx, rows)
    ids = [row["id"] for row in rows]
    of_cases = select(referrals).where(referrals.c.case_id.in_(ids)).order_by(referrals.c.created_at, referrals.c.id)
    sent: dict[str, list[Any]] = {}
    for view in await lists.views_of(ctx, await ctx.store.rows(of_cases)):
        sent.setdefault(view.case, []).append(view.model_copy(update={"acts": ()}))
    told = [one.model_copy(update={"site": None}) for one in summaries]
    return {one.id: {"summary": one, "referrals": tuple(sent.get(one.id, ()))} for one in told}
