"""Take reports: durable before the answer, once per (source, reference), and joined to the open case of their URL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, select

from router.ahead import ahead
from router.casework.case.priority import URGENT, rank
from router.casework.case.sealed import each_key
from router.casework.context import Context
from router.casework.intake import validate as judged
from router.casework.intake.circles import in_circles
from router.casework.intake.domains import account_mark
from router.casework.intake.join_priority import reprioritise_unsent
from router.casework.intake.left_before import left_before
from router.casework.intake.rows import Indexes, Named, Opening
from router.casework.intake.validate import Reported
from router.errors import Conflict, Damaged, RouterError, StoreUnavailable
from router.guard.seal import CaseKey, Keyring
from router.hosting.location.identity import identity
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, items, reports, sources
from schemas.actor import Actor
from schemas.report import ItemGiven, ItemTaken, ReportGiven, ReportTaken
from schemas.states import CaseState

#: How often a group is prepared again after losing a race for a new case; each round sees the winner's rows.
_ROUNDS = 8


async def take(ctx: Context, report: ReportGiven, actor: Actor) -> ReportTaken:
    """Take one report and return its ids once it is on disk.

    The same report again returns the same ids. Raise BadInput, NotAllowed, Conflict (reason `replayed_differently`
    for a known reference with another body), StoreUnavailable.
    """
    (answer,) = await take_many(ctx, [report], actor)
    if isinstance(answer, RouterError):
        raise answer
    return answer


async def take_many(ctx: Context, given: Sequence[ReportGiven], actor: Actor) -> list[ReportTaken | RouterError]:
    """Take reports in one transition; each gets its ids or the error that is its own. Raise StoreUnavailable."""
    known_sources = await known(ctx)
    severities = await known_severities(ctx)
    verdicts = [_judge(ctx, report, known_sources, actor, severities) for report in given]
    return await take_judged(ctx, verdicts, actor)


async def take_judged(
    ctx: Context, verdicts: Sequence[Reported | RouterError], actor: Actor
) -> list[ReportTaken | RouterError]:
    """Take what was judged fit, keeping the errors in their places."""
    for _ in range(_ROUNDS):
        group = _Group(ctx, verdicts, actor.id)
        answers, transition = await group.prepare()
        if transition is None:
            return answers
        try:
            with ahead(urgent=any(_is_urgent(one) for one in verdicts)):
                await ctx.store.commit(transition)
        except Conflict:
            continue
        return answers
    raise StoreUnavailable("Many reports of the same locations arrive at once; send this again.", retry_after=1)


def _is_urgent(one: Reported | RouterError) -> bool:
    return isinstance(one, Reported) and rank(one.report.urgency, one.origin.lane) in URGENT


async def known(ctx: Context) -> dict[str, Row]:
    """Return the sources by name."""
    return {row["name"]: row for row in await ctx.store.rows(select(sources))}


async def known_severities(ctx: Context) -> judged.Schemes:
    """Return the schemes of severity that the policy in force names."""
    _, policy = await ctx.governance.policy()
    return policy.severity.schemes


def _judge(
    ctx: Context, report: ReportGiven, known_sources: Mapping[str, Row], actor: Actor, severities: judged.Schemes
) -> Reported | RouterError:
    try:
        return judged.judge(report, known_sources, actor, ctx.clock.now(), severities)
    except RouterError as error:
        return error


@dataclass(slots=True)
class _Group:
    """One round of preparing: look up what is known, build the rows of the rest."""

    ctx: Context
    verdicts: Sequence[Reported | RouterError]
    actor: str

    async def prepare(self) -> tuple[list[ReportTaken | RouterError], Transition | None]:
        """Return the answers, and the transition that makes them true (None when there is nothing to add)."""
        found = {i: indexes(self.ctx.keyring, v) for i, v in enumerate(self.verdicts) if isinstance(v, Reported)}
        replays = await self._replays(found)
        fresh = {i: index for i, index in found.items() if i not in replays}
        circles = await in_circles(self.ctx, fresh, self.verdicts)
        opening = await opening_of(self.ctx, self.actor, fresh.values())
        answers: list[ReportTaken | RouterError] = []
        seen: dict[tuple[str, bytes], tuple[bytes, ReportTaken]] = {}
        for i, verdict in enumerate(self.verdicts):
            if not isinstance(verdict, Reported):
                answers.append(verdict)
            elif i in replays:
                answers.append(replays[i])
            elif i in circles:
                answers.append(circles[i])
            else:
                answers.append(_once(seen, opening, verdict, fresh[i]))
        if not opening.adds:
            return answers, None
        return answers, opening.transition(await along(self.ctx, opening))

    async def _replays(self, indexes: Mapping[int, Indexes]) -> dict[int, ReportTaken | RouterError]:
        references = [index.reference for index in indexes.values()]
        if not references:
            return {}
        rows = await self.ctx.store.rows(select(reports).where(reports.c.reference_bidx.in_(references)))
        if not rows:
            return {}
        by_name = {(row["source"], bytes(row["reference_bidx"])): row for row in rows}
        taken = await answers_of(self.ctx, [row["id"] for row in rows])
        known_ones: dict[int, ReportTaken | RouterError] = {}
        for i, index in indexes.items():
            verdict = self.verdicts[i]
            assert isinstance(verdict, Reported)
            row = by_name.get((verdict.report.source, index.reference))
            if row is not None:
                known_ones[i] = taken[row["id"]] if bytes(row["body_digest"]) == index.body else _differently()
        return known_ones


def indexes(keyring: Keyring, one: Reported) -> Indexes:
    """Return the blind indexes of a report."""
    return Indexes(
        keyring.blind("reference", one.report.reference),
        keyring.digest(one.report.model_dump_json().encode()),
        tuple(keyring.blind("url", identity(locator)) for locator in one.locators),
        tuple(_named(keyring, item) for item in one.report.items),
    )


_UNNAMED: Final = Named()


def _named(keyring: Keyring, item: ItemGiven) -> Named:
    account = account_mark(keyring, item.account)
    if item.reference is None and item.parent is None and account is None:  # most: a report with one location
        return _UNNAMED
    return Named(
        None if item.reference is None else keyring.blind("reference", item.reference),
        None if item.parent is None else keyring.blind("reference", item.parent),
        account,
    )


async def opening_of(ctx: Context, actor: str, found: Collection[Indexes]) -> Opening:
    """Return what gathers the rows of reports of these locations, with what the store knows of them."""
    known, left = await open_cases(ctx, found), await left_before(ctx, (url for index in found for url in index.urls))
    before, (_, policy) = await _closed_before(ctx, found, known), await ctx.governance.policy()
    return Opening(ctx.keyring, ctx.now(), actor, known, left, before, policy.labels)


async def _closed_before(ctx: Context, found: Iterable[Indexes], known: Collection[bytes]) -> dict[bytes, str]:
    """Return the latest closed case of each location that has one, and none that is open."""
    urls = sorted({url for index in found for url in index.urls} - set(known))
    if not urls:
        return {}
    before = select(cases.c.url_bidx, cases.c.id).where(cases.c.url_bidx.in_(urls), cases.c.state == CaseState.CLOSED)
    rows = await ctx.store.rows(before.order_by(cases.c.closed_at, cases.c.id))
    return {bytes(row["url_bidx"]): row["id"] for row in rows}


async def open_cases(ctx: Context, found: Iterable[Indexes]) -> dict[bytes, tuple[Row, CaseKey | None]]:
    """Return the open cases of these locations with their keys, by the location's blind index; None: it is damaged.

    Each row has the `daily_cap` of the source that the case counts against.
    """
    urls = sorted({url for index in found for url in index.urls})
    if not urls:
        return {}
    rows = await ctx.store.rows(
        select(cases, sources.c.daily_cap)
        .outerjoin(sources, sources.c.name == cases.c.cap_source)
        .where(and_(cases.c.url_bidx.in_(urls), cases.c.state != CaseState.CLOSED))
    )
    keys = await each_key(ctx, (row["id"] for row in rows))
    return {bytes(row["url_bidx"]): (row, keys.get(row["id"])) for row in rows}


async def along(ctx: Context, opening: Opening) -> list[Change]:
    """Return what changes in referrals of the cases that reports join: those that wait hurry."""
    return await reprioritise_unsent(ctx, opening.reprioritised)


def _once(
    seen: dict[tuple[str, bytes], tuple[bytes, ReportTaken]], opening: Opening, verdict: Reported, index: Indexes
) -> ReportTaken | RouterError:
    """Take a report once, also when the same batch holds it twice."""
    name = (verdict.report.source, index.reference)
    if name in seen:
        body, answer = seen[name]
        return answer if body == index.body else _differently()
    try:
        answer = opening.take(verdict, index)
    except Damaged as error:  # only what belongs to that case waits until it is restored
        return error
    seen[name] = (index.body, answer)
    return answer


def _differently() -> Conflict:
    return Conflict(
        "This source already sent another report under this reference; use a new reference.",
        field="reference",
        reason="replayed_differently",
    )


async def answers_of(ctx: Context, report_ids: Sequence[str]) -> dict[str, ReportTaken]:
    """Return the answers that reports got when they were taken.

    Items that staff linked later (below position zero) are none of what the source sent, nor of its answer.
    """
    rows = await ctx.store.rows(
        select(items.c.report_id, items.c.position, items.c.case_id, reports.c.dossier)
        .join(reports, reports.c.id == items.c.report_id)
        .where(and_(items.c.report_id.in_(report_ids), items.c.position >= 0))
        .order_by(items.c.report_id, items.c.position)
    )
    placed: dict[str, list[ItemTaken]] = {}
    numbers = {row["report_id"]: row["dossier"] for row in rows}
    for row in rows:
        placed.setdefault(row["report_id"], []).append(ItemTaken(index=row["position"], case=row["case_id"]))
    return {
        report_id: ReportTaken(id=report_id, dossier=numbers[report_id], items=tuple(found))
        for report_id, found in placed.items()
    }
