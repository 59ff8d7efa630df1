"""A page of a list, and how much there is in all, at a cost that does not grow with what is kept.

A page of cases or referrals is read along the index of one thing that is wanted of them, the one that fewest meet as
tallies say; what else is wanted is looked for among the next `LOOKED` of those. So a page may come short, or empty,
and still have a next one. Totals come from tallies; where those do not tell two wishes apart, from counting at most
`COUNTED` rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, and_, case, exists, func, literal_column, or_, select, tuple_

from router.casework.context import Context
from router.casework.read.numbers import cases_called
from router.casework.read.sites import host_called
from router.casework.read.stats import UNDER_WAY
from router.store.base import Row
from router.store.schema.tables import cases, referrals, tallies
from router.store.schema.tallies import BUNDLED, TRIED
from schemas.casefile import DeskCode
from schemas.pages import CasesWanted, DeskWanted, ReferralsWanted
from schemas.states import CaseState

#: Rows that a page looks at for those that are wanted, each with its sealed part; and the same on the desk, where the
#: index itself says what is wanted.
LOOKED: Final = 5_000
LOOKED_ON_DESK: Final = 100_000
#: So many are counted one by one; beyond them a total says "at least" (DESIGN section 10).
COUNTED: Final = 10_000
_NEVER: Final = "'none'"

Meets = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted of the rows of a list."""

    name: str
    meets: Meets  #: over the columns of the table, or of some of its rows
    tallied: ColumnElement[bool] | None = None  #: the tallies of the rows that meet it, where a tally knows
    leads: bool = True  #: whether an index lists those rows in the order of the list
    count: int | None = None  #: how many rows meet it, at most: known once tallies were asked
    few: Meets | None = None  #: what finds them where they are few; without it, `meets` does for one that leads

    def finds(self) -> Meets | None:
        """Return what finds all rows that meet it, where they are few and an index does."""
        if self.count is None or self.count > LOOKED:
            return None
        return self.few or (self.meets if self.leads else None)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, and what there is beside them."""

    rows: Sequence[Row]
    total: int
    more: bool = False
    next: str | None = None


async def page_of_cases(ctx: Context, wanted: CasesWanted, cursor: str | None, limit: int) -> Found:
    """Return a page of cases, newest first by their ids. Raise BadInput for another list's cursor or an unclear tag."""
    wishes = [*wishes_of_cases(wanted), *await of_site(ctx, wanted)]
    if wanted.partner is not None:
        wishes.append(sent_to(wanted.partner, await referred_to(ctx, wanted.partner)))
    if wanted.number is not None:
        wishes.append(called(lambda c: c.id.in_(cases_called(ctx, str(wanted.number)))))
    return await _page(ctx, ListOf(cases, "case", (cases.c.id,)), wishes, cursor, limit)


async def page_called(ctx: Context, meets: Meets, cursor: str | None, limit: int) -> Found:
    """Return a page of the few cases that meet what indexes find. Raise BadInput for another list's cursor."""
    return await _page(ctx, ListOf(cases, "case", (cases.c.id,)), [called(meets)], cursor, limit)


async def page_of_referrals(ctx: Context, wanted: ReferralsWanted, cursor: str | None, limit: int) -> Found:
    """Return a page of referrals, newest first by their ids; of one partner newest case first. Raise BadInput."""
    wishes = _referrals(wanted)
    order: tuple[Any, ...] = (referrals.c.id,)
    if wanted.partner is not None:
        order = (referrals.c.case_id, referrals.c.id)
        # Only its own index has that order; whatever few rows meet, is read whole and sorted.
        wishes = [replace(wish, leads=wish.name == "partner", few=wish.meets) for wish in wishes]
    if wanted.number is not None:
        wishes.append(called(lambda c: c.case_id.in_(cases_called(ctx, str(wanted.number)))))
    return await _page(ctx, ListOf(referrals, "referral", order), wishes, cursor, limit)


def called(meets: Meets) -> Wish:
    """Return the wish that a row is of the reports of one number: few are, and their indexes find them."""
    return Wish("number", meets, leads=False, count=0, few=meets)


def wishes_of_cases(wanted: CasesWanted | DeskWanted) -> list[Wish]:
    """Return what is wanted of cases that tallies or their own columns tell."""
    found = []
    if isinstance(wanted, CasesWanted) and wanted.state is not None:
        found.append(Wish("state", lambda c: c.state == wanted.state, tallies.c.state == wanted.state))
    if wanted.reason is not None:
        on_desk = tallies.c.state == CaseState.DESK
        found.append(Wish("desk", lambda c: c.state == CaseState.DESK, on_desk))
        # Tallies know the most urgent reason of a case; on the desk what has it beside another is added to them.
        first = tallies.c.reason == wanted.reason if isinstance(wanted, DeskWanted) else None
        found.append(Wish("reason", _asked(wanted.reason), first, leads=False))
    if wanted.source is not None:
        found.append(Wish("source", lambda c: c.source == wanted.source, tallies.c.source == wanted.source))
    if wanted.country is not None:
        found.append(
            Wish("country", lambda c: c.hosting_country == wanted.country, tallies.c.country == wanted.country)
        )
    if wanted.at_risk:
        # In the words of its index, which no bound value could be proved to meet.
        open_now = and_(tallies.c.mark == 1, tallies.c.state != CaseState.CLOSED)
        found.append(
            Wish("at_risk", lambda c: and_(c.urgency != literal_column(_NEVER), c.state != CaseState.CLOSED), open_now)
        )
    return found


def _asked(code: DeskCode) -> Meets:
    """Return what the cases meet that people have for a reason, be it one of several."""
    return lambda c: or_(c.desk_code == code, also_asked(c, code))


def also_asked(columns: Any, code: DeskCode) -> ColumnElement[bool]:
    """Return what the cases meet that people have for this reason beside a more urgent one."""
    found: ColumnElement[bool] = columns.desk_also.contains(f",{code},", autoescape=True)
    return found


def _referrals(wanted: ReferralsWanted) -> list[Wish]:
    found = []
    if wanted.state is not None:
        found.append(Wish("state", lambda c: c.state == wanted.state, tallies.c.state == wanted.state))
    if wanted.partner is not None:
        found.append(Wish("partner", lambda c: c.partner == wanted.partner, tallies.c.partner == wanted.partner))
    if wanted.without_receipt:
        tried = and_(tallies.c.mark.bitwise_and(TRIED) != 0, tallies.c.state.in_(UNDER_WAY))
        found.append(
            Wish("without_receipt", lambda c: and_(c.attempts > literal_column("0"), c.state.in_(UNDER_WAY)), tried)
        )
    if wanted.bundled:
        found.append(Wish("bundled", lambda c: c.bundle.is_not(None), tallies.c.mark.bitwise_and(BUNDLED) != 0))
    return found


def sent_to(partner: str, count: int) -> Wish:
    """Return the wish that a case was referred to a partner; tallies know how many referrals that are, at most."""

    def meets(columns: Any) -> ColumnElement[bool]:
        sent = and_(referrals.c.partner == partner, referrals.c.case_id == columns.id)
        return exists(select(referrals.c.id).where(sent)).correlate_except(referrals)

    to = select(referrals.c.case_id).where(referrals.c.partner == partner)
    return Wish("partner", meets, leads=False, count=count, few=lambda c: c.id.in_(to))


async def of_site(ctx: Context, wanted: CasesWanted | DeskWanted) -> list[Wish]:
    """Return the wish that a case is of the host that is wanted. Raise BadInput for a tag of several."""
    if wanted.site is None:
        return []
    return [await _of_index(ctx, "host_bidx", [await host_called(ctx, wanted.site) or b""])]


async def _of_index(ctx: Context, column: str, marks: Sequence[bytes]) -> Wish:
    """Return the wish that a case has one of these blind indexes."""
    count = await number_of(ctx, select(cases.c.id).where(cases.c[column].in_(marks)), LOOKED)
    return Wish(
        column,
        # Written so that its index does not serve it: many cases are met on the way through any other.
        lambda c: func.coalesce(c[column], b"").in_(marks),
        leads=False,
        count=count,
        few=lambda c: c[column].in_(marks),
    )


async def page_of_domain(ctx: Context, marks: Sequence[bytes], cursor: str | None, limit: int) -> Found:
    """Return a page of the cases of one registrable domain, newest first. Raise BadInput for another list's cursor."""
    wishes = [await _of_index(ctx, "domain_bidx", marks)]
    return await _page(ctx, ListOf(cases, "case", (cases.c.id,)), wishes, cursor, limit)


async def referred_to(ctx: Context, partner: str) -> int:
    """Return how many referrals a partner has, as tallies tell."""
    n = func.coalesce(func.sum(tallies.c.n), 0).label("n")
    to = and_(tallies.c.kind == "referral", tallies.c.partner == partner)
    return int((await ctx.store.rows(select(n).where(to)))[0]["n"])


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list: its table, the kind of tally that counts its rows, and its order, the greatest first."""

    table: Table
    kind: str
    order: tuple[ColumnElement[Any], ...]

    def ordered(self, wanted: Select[Any], columns: Any) -> Select[Any]:
        """Return a SELECT in the order of the list."""
        return wanted.order_by(*(columns[one.key].desc() for one in self.order))

    def after(self, cursor: str | None, columns: Any) -> list[ColumnElement[bool]]:
        """Return what the rows meet that follow the one of this id."""
        if cursor is None:
            return []
        first, *more = (columns[one.key] for one in self.order)
        if not more:
            return [first < cursor]
        case_of = select(self.table.c.case_id).where(self.table.c.id == cursor).scalar_subquery()
        return [tuple_(first, *more) < tuple_(case_of, cursor)]


async def _page(ctx: Context, of: ListOf, wishes: list[Wish], cursor: str | None, limit: int) -> Found:
    total, wishes, exact = await counted_by_tallies(ctx, of, wishes)
    if exact and total == 0:
        return Found((), 0)
    few = [wish for wish in wishes if wish.finds() is not None]
    if few:
        return await _of_few(ctx, of, wishes, min(few, key=most_of), cursor, limit, total if exact else None)
    lead = min((wish for wish in wishes if wish.leads), key=most_of, default=None)
    others = [wish for wish in wishes if wish is not lead]
    base = select(of.table).where(*([] if lead is None else [lead.meets(of.table.c)]))
    following = base.where(*of.after(cursor, of.table.c))
    if others:
        window = of.ordered(following, of.table.c).limit(LOOKED).subquery()
        following = select(window).where(*(wish.meets(window.c) for wish in others))
        rows = await ctx.store.rows(of.ordered(following, window.c).limit(limit + 1))
    else:
        rows = await ctx.store.rows(of.ordered(following, of.table.c).limit(limit + 1))
    cut = rows[limit - 1]["id"] if len(rows) > limit else None
    if cut is None and others:
        last = select(of.table.c.id).where(*_conditions(lead, of, cursor))
        ended = await ctx.store.rows(of.ordered(last, of.table.c).offset(LOOKED - 1).limit(1))
        cut = ended[0]["id"] if ended else None
    if exact:
        return Found(rows[:limit], total, next=cut)
    most = of.ordered(base, of.table.c).limit(COUNTED).subquery()
    counted = await number_of(ctx, select(most.c.id).where(*(wish.meets(most.c) for wish in others)))
    there = total if lead is None or lead.count is None else lead.count
    return Found(rows[:limit], counted, more=there > COUNTED, next=cut)


def most_of(wish: Wish) -> int:
    """Return how many rows meet a wish, at most; more than there can be where nobody counted."""
    return 1 << 62 if wish.count is None else wish.count


def _conditions(lead: Wish | None, of: ListOf, cursor: str | None) -> list[ColumnElement[bool]]:
    return [*([] if lead is None else [lead.meets(of.table.c)]), *of.after(cursor, of.table.c)]


async def _of_few(
    ctx: Context, of: ListOf, wishes: list[Wish], lead: Wish, cursor: str | None, limit: int, total: int | None
) -> Found:
    """Return a page of what meets a wish that few rows meet: those are read whole, and sorted."""
    few = select(of.table).where((lead.finds() or lead.meets)(of.table.c)).limit(2 * LOOKED).subquery()
    wanted = select(few).where(*(wish.meets(few.c) for wish in wishes if wish is not lead))
    if total is None:
        total = await number_of(ctx, select(few.c.id).where(*(w.meets(few.c) for w in wishes if w is not lead)))
    rows = await ctx.store.rows(of.ordered(wanted.where(*of.after(cursor, few.c)), few.c).limit(limit + 1))
    return Found(rows[:limit], total, next=rows[limit - 1]["id"] if len(rows) > limit else None)


async def number_of(ctx: Context, wanted: Select[Any], most: int | None = None) -> int:
    """Return how many rows a SELECT finds, counting no more than `most` and one."""
    some = wanted.limit((COUNTED if most is None else most) + 1).subquery()
    found = await ctx.store.rows(select(func.count().label("n")).select_from(some))
    return int(found[0]["n"])


async def counted_by_tallies(ctx: Context, of: ListOf, wishes: list[Wish]) -> tuple[int, list[Wish], bool]:
    """Return how many rows meet all wishes that tallies know, each wish with its own count, and if those are all."""
    known = [wish.tallied for wish in wishes if wish.tallied is not None]
    sums = [
        func.coalesce(func.sum(case((meets, tallies.c.n), else_=0)), 0).label(f"n{at}")
        for at, meets in enumerate([and_(tallies.c.n != 0, *known), *known])
    ]
    (row,) = await ctx.store.rows(select(*sums).where(tallies.c.kind == of.kind))
    counts = iter([int(row[f"n{at}"]) for at in range(1, len(sums))])
    told = [wish if wish.tallied is None else replace(wish, count=next(counts)) for wish in wishes]
    return int(row["n0"]), told, len(known) == len(wishes)


@dataclass(frozen=True, slots=True)
class Kinds:
    """What lists can be narrowed by, as far as there is any."""

    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    countries: tuple[str, ...]


async def kinds(ctx: Context, *, on_desk: bool) -> Kinds:
    """Return the reasons, sources and countries of what is on the desk, or of all cases."""
    by = (tallies.c.reason, tallies.c.source, tallies.c.country)
    counted = [tallies.c.kind == "case", *([tallies.c.state == CaseState.DESK] if on_desk else [])]
    rows = await ctx.store.rows(select(*by).where(*counted).group_by(*by).having(func.sum(tallies.c.n) > 0))
    reasons, names, countries = ({row[column.name] for row in rows} - {""} for column in by)
    return Kinds(*(tuple(sorted(one)) for one in (reasons | await asked_beside(ctx), names, countries)))


async def asked_beside(ctx: Context) -> set[str]:
    """Return the reasons that some case has beside a more urgent one: few lists of them, each a step into their index.

    Thousands of cases may have the same; reading them all to tell them apart took longer than a page's rows.
    """
    column, any_ = cases.c.desk_also, cases.c.desk_also.is_not(None)
    also = select(func.min(column).label("also")).where(any_).cte("also", recursive=True)
    following = select(func.min(column)).where(any_, column > also.c.also).correlate(also).scalar_subquery()
    also = also.union_all(select(following).where(also.c.also.is_not(None)))
    found = await ctx.store.rows(select(also.c.also).where(also.c.also.is_not(None)))
    return {code for row in found for code in row["also"].split(",") if code}
