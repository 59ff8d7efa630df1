"""What everybody who looked found one location to be: the gravest finding counts, and people hear of a contradiction.

A location may be reported again by another source, with another finding. The graver one wins at once, because the
other way round a child waits for an argument between hotlines; and where one calls it illegal and another does not,
the case is on the desk as well, until a person has said what it is. What was known to that person is settled then.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import is_asked
from router.casework.case.record import Opened
from router.casework.context import Context
from router.store.base import Row
from router.store.schema.tables import items, reports
from schemas.casefile import DeskCode
from schemas.decision import DeskCall
from schemas.vocabulary import Assessment

#: What several sources found one location to be, the gravest last: what INHOPE's baseline covers is illegal everywhere.
_FINDINGS = (Assessment.UNASSESSED, Assessment.NOT_ILLEGAL, Assessment.NATIONAL, Assessment.BASELINE)
#: What one of the sources must have found for it to be sent at all.
ILLEGAL: Final = frozenset({Assessment.BASELINE, Assessment.NATIONAL})
_DISAGREE: Final = DeskCall(
    code=DeskCode.DISAGREE,
    text="One source found it illegal and another did not: the graver one counts until a person says what it is.",
)


def gravest(found: Iterable[Assessment]) -> Assessment:
    """Return the gravest of these findings, `unassessed` when there is none."""
    return max(found, key=_FINDINGS.index, default=Assessment.UNASSESSED)


def contradict(found: Collection[Assessment]) -> bool:
    """Tell whether one of these findings calls illegal what another one does not."""
    return Assessment.NOT_ILLEGAL in found and not ILLEGAL.isdisjoint(found)


def is_contrary(case: Row, given: Assessment) -> bool:
    """Tell whether a finding contradicts its case's in a way that people have yet to hear of.

    A graver one they always hear of. That somebody finds nothing illegal in what a person called illegal is settled.
    """
    was = Assessment(case["assessment"])
    if not contradict((was, given)):
        return False
    known = is_asked(case, DeskCode.DISAGREE) or case.get("staff_assessment") in ILLEGAL
    return given in ILLEGAL or not known


async def found(ctx: Context, cases: Sequence[Row], but: Collection[str] = ()) -> dict[str, set[Assessment]]:
    """Return by case what its items, except `but`, and people found it to be; what people settled is left out."""
    wanted = select(items.c.id, items.c.case_id, items.c.assessment, reports.c.taken_at, items.c.heard_at).join(
        reports, reports.c.id == items.c.report_id
    )
    of_these = and_(
        items.c.case_id.in_([case["id"] for case in cases]),
        items.c.assessment != Assessment.UNASSESSED,
    )
    by_id = {case["id"]: case for case in cases}
    all_found = {case["id"]: set(_by_staff(case)) for case in cases}
    for row in await ctx.store.rows(wanted.where(of_these)):
        case, given = by_id[row["case_id"]], Assessment(row["assessment"])
        if row["id"] not in but and not _is_settled(case, given, row["heard_at"] or row["taken_at"]):
            all_found[row["case_id"]].add(given)
    return all_found


def _by_staff(case: Row) -> Iterable[Assessment]:
    return () if case["staff_assessment"] is None else (Assessment(case["staff_assessment"]),)


def _is_settled(case: Row, given: Assessment, heard_at: int) -> bool:
    """Tell whether a person's word stands above a report's finding: it came later, or is the graver one."""
    if case["staff_assessment"] is None:
        return False
    said = Assessment(case["staff_assessment"])
    return bool(heard_at <= case["staff_assessed_at"]) or (said in ILLEGAL and gravest((said, given)) is said)


async def question(ctx: Context, opened: Opened) -> tuple[DeskCall, ...]:
    """Return what asks people which of those who contradict each other is right; nothing when nobody does."""
    row = opened.row
    if len(opened.items) == 1 and row["staff_assessment"] is None:  # most cases: one report contradicts nobody
        return ()
    # The case's own is among them: what it was judged by may come from a short link that led here.
    everybody = (await found(ctx, [row]))[opened.id] | {Assessment(row["assessment"])}
    return (_DISAGREE,) if contradict(everybody) else ()
