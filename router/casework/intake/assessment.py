"""An assessment that comes after its report: written down with its author, and its cases judged anew by it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import and_, select

from router.casework.case import findings
from router.casework.case.desk_entry import while_decided_anew
from router.casework.case.findings import gravest
from router.casework.case.next_look import look_at
from router.casework.case.sealed import ITEM, item_secrets, keys_of, seal
from router.casework.case.seen import check_seen
from router.casework.context import Context
from router.casework.intake import take as intake
from router.casework.intake.marks import labelled, unlabelled
from router.casework.intake.validate import check_assessment, check_statements
from router.clock import micros
from router.errors import BadInput, Conflict, NotFound, StoreUnavailable
from router.store.base import Add, Change, Event, Remove, Row, Transition
from router.store.schema.tables import cases, items, reports
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.report import AssessmentGiven, AssessmentLater
from schemas.states import CASE, CaseState, step
from schemas.vocabulary import Assessment

#: How often it is prepared again after losing to a worker that moved a case of the report meanwhile.
_ROUNDS = 8


async def assess(ctx: Context, report_id: str, assessment: AssessmentLater, actor: Actor) -> None:
    """Record an assessment that came later, of a report or one item of it, and judge its open cases by it.

    What was said of it before is replaced; what other reports of a case say stands beside it. The caller saw no
    version, so whoever moved a case meanwhile is no reason to refuse: it is read again.

    A person has seen what they say this of; a source keeps its own word.

    Raise NotFound, BadInput, Conflict (`not_seen`), StoreUnavailable.
    """
    for _ in range(_ROUNDS):
        report = await _report(ctx, report_id)
        source = (await intake.known(ctx)).get(report["source"])
        may = actor.role is not None or bool(source and source["assesses"])
        now, severities = ctx.clock.now(), await intake.known_severities(ctx)
        check_assessment(assessment, now, may=may, field="")
        check_statements(assessment.labels or (), assessment.severity, "", now, severities, may=may)
        of_it = await _items(ctx, report, assessment.item)
        if actor.role is not None and assessment.value is not Assessment.UNASSESSED:
            await check_seen(ctx, {row["case_id"] for row in of_it}, actor)
        try:
            await ctx.store.commit(made := await _transition(ctx, (report, of_it), assessment, actor.id))
        except Conflict:
            continue
        if judged := _set_in(made):
            await _catch_up(ctx, judged)
        return
    raise StoreUnavailable("The cases of this report change at this moment; send this again.", retry_after=1)


def _set_in(made: Transition) -> dict[str, Assessment]:
    """Return what each case was judged to be anew."""
    changed = [one for one in made.changes if one.table is cases and "assessment" in one.values]
    return {one.key["id"]: one.values["assessment"] for one in changed}


async def _catch_up(ctx: Context, judged: Mapping[str, Assessment]) -> None:
    """Judge cases by the graver finding of a report that joined after the others were read, and before the commit.

    A joining report leaves the version alone, so as not to undo the work of whoever traces the case. One that joins
    after the commit was held against what stands since.
    """
    for _ in range(_ROUNDS):
        rows = await ctx.store.rows(select(cases).where(cases.c.id.in_(sorted(judged))))
        rows = [row for row in rows if row["state"] != CaseState.CLOSED and row["assessment"] == judged[row["id"]]]
        found = await findings.found(ctx, rows) if rows else {}
        graver = {row["id"]: gravest((judged[row["id"]], *found[row["id"]])) for row in rows}
        missed = [row for row in rows if graver[row["id"]] is not judged[row["id"]]]
        if not missed:
            return
        now, changes = ctx.now(), list[Change]()
        for row in missed:
            counts = graver[row["id"]]
            made_at = await _made_at(ctx, row, counts)
            changes.append(_change(row, {"assessment": counts, "assessed_at": made_at}, now))
        with suppress(Conflict):  # a case moved on: it is read again
            await ctx.store.commit(Transition(now, tuple(changes)))


async def _made_at(ctx: Context, case: Row, value: Assessment, but: Collection[str] = ()) -> int | None:
    """Return when people, or the latest of a case's items except `but`, found it to be this, in microseconds."""
    if value == case["staff_assessment"]:
        return int(case["staff_assessed_at"])
    same = and_(items.c.case_id == case["id"], items.c.assessment == value)
    rows = [row for row in await ctx.store.rows(select(items).where(same)) if row["id"] not in but]
    key = (await keys_of(ctx, [case["id"]])).get(case["id"])
    if key is None:
        return None
    dates = [item_secrets(key, row["id"], row["sealed"]).assessed_at for row in rows]
    return max((micros(at) for at in dates if at is not None), default=None)


async def _report(ctx: Context, report_id: str) -> Row:
    rows = await ctx.store.rows(select(reports).where(reports.c.id == report_id))
    if not rows:
        raise NotFound("There is no report with this id; check it.")
    return rows[0]


async def _items(ctx: Context, report: Row, item: str | None) -> list[Row]:
    """Return the items of a report that are assessed, with those that staff found behind them. Raise BadInput."""
    rows = await ctx.store.rows(select(items).where(items.c.report_id == report["id"]).order_by(items.c.position))
    if item is None:
        return rows
    called = ctx.keyring.blind("reference", item)
    named = [row for row in rows if row["reference_bidx"] == called]
    if not named:
        raise BadInput("The report has no item with this reference; check it.", field="item", reason="no_such_item")
    return named


async def _transition(ctx: Context, of: tuple[Row, list[Row]], given: AssessmentLater, actor: str) -> Transition:
    now, (report, assessed) = ctx.now(), of
    touched = await ctx.store.rows(select(cases).where(cases.c.id.in_(sorted({row["case_id"] for row in assessed}))))
    news = [row for row in assessed if _is_new(report, row, given)]
    heard = {row["id"] for row in news}
    by_case = {row["id"]: [one for one in news if one["case_id"] == row["id"]] for row in touched}
    weighed = [row for row in touched if by_case[row["id"]] and row["state"] != CaseState.CLOSED]
    others = await findings.found(ctx, weighed, but=heard) if weighed else {}
    changes = await _written(ctx, assessed, given, {one: {"heard_at": now} for one in heard})
    if given.item is None:
        changes.append(Change(reports, {"id": report["id"]}, {"assessment": given.value}))
    for row in weighed:
        judged = await _judged(ctx, row, by_case[row["id"]], others[row["id"]], given)
        changes.append(_change(row, judged, now))
    told = {"assessment": given.value}
    events = tuple(Event("report.assessed", actor, case_id=row["id"], detail=told) for row in touched)
    removes, adds = _labelled(assessed, given, (await ctx.governance.policy())[1].labels)
    return Transition(now, tuple(changes), adds, removes, events)


def _labelled(
    assessed: Sequence[Row], given: AssessmentLater, listed: Mapping[str, Sequence[str]]
) -> tuple[tuple[Remove, ...], tuple[Add, ...]]:
    """Return what brings the labels that figures count to those that stand now."""
    if given.labels is None:
        return (), ()
    adds = tuple(one for row in assessed for one in labelled(row["id"], row["case_id"], given.labels, listed))
    return tuple(unlabelled(row["id"]) for row in assessed), adds


def _is_new(report: Row, item: Row, given: AssessmentGiven) -> bool:
    """Tell whether this says more than was heard before: something else, or the same of who looked once more since.

    A source that only repeats itself (a retry, a nightly sync) has not heard what a person said meanwhile, and does not
    stand above that.
    """
    if given.value != item["assessment"]:
        return True
    return given.assessed_at is not None and micros(given.assessed_at) > (item["heard_at"] or report["taken_at"])


async def _judged(
    ctx: Context, row: Row, news: Sequence[Row], others: set[Assessment], given: AssessmentGiven
) -> Mapping[str, Any]:
    """Return what a case is judged by from now on; no assessment when the finding changes and contradicts nothing."""
    was, counts = Assessment(row["assessment"]), gravest((given.value, *others))
    judged: dict[str, Any] = {}
    if counts is not was or findings.is_contrary(row, given.value):
        judged["assessment"] = counts
    # Another item may say the same, on another day.
    replaced = given.value is not was and any(one["assessment"] == was for one in news)
    if counts is not was or replaced:
        judged["assessed_at"] = await _dated(ctx, row, news, counts, given)
    return judged


async def _dated(ctx: Context, row: Row, news: Sequence[Row], counts: Assessment, given: AssessmentGiven) -> int | None:
    """Return when the finding that counts was made, in microseconds; None when there is none."""
    if counts is Assessment.UNASSESSED:
        return None
    if counts is given.value and given.assessed_at is not None:
        return micros(given.assessed_at)
    return await _made_at(ctx, row, counts, but={one["id"] for one in news})


def _change(row: Row, judged: Mapping[str, Any], now: int) -> Change:
    """Judge a case anew; or say that it must still be as it was read, and leave alone whoever works on it."""
    if "assessment" not in judged:
        return Change(cases, {"id": row["id"]}, {"kind": row["kind"], **judged}, guard={"version": row["version"]})
    after = step(CASE, CaseState(row["state"]), "retrace") or row["state"]
    anew = {"state": after, **look_at(now), **while_decided_anew(row, DeskCode.NOT_ASSESSED)}
    return Change(cases, {"id": row["id"]}, {**judged, **anew}, version=row["version"])


async def _written(
    ctx: Context, rows: Sequence[Row], given: AssessmentLater, heard: Mapping[str, Mapping[str, Any]]
) -> list[Change]:
    """Return what writes the assessment into the items, its author into what they keep sealed."""
    keys = await keys_of(ctx, (row["case_id"] for row in rows))
    said: dict[str, Any] = {"assessed_by": given.assessed_by, "assessed_at": given.assessed_at}
    said |= {name: one for name in ("labels", "severity") if (one := getattr(given, name)) is not None}
    changes = []
    for row in rows:
        values: dict[str, Any] = {"assessment": given.value, **heard.get(row["id"], {})}
        as_read = {name: row[name] for name in ("assessment", "sealed")}
        if (key := keys.get(row["case_id"])) is not None:  # the case of another may have been erased
            signed = item_secrets(key, row["id"], row["sealed"]).model_copy(update=said)
            values["sealed"] = seal(key, ITEM, row["id"], signed)
        changes.append(Change(items, {"id": row["id"]}, values, guard=as_read))
    return changes
