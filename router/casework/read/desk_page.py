"""A page of the desk, in one of its orders, narrowed by what its indexes tell, and how much there is in all.

What stands on the desk is read along the index of the order that is asked for, which holds most of what it is narrowed
by; for the rest each case is looked at, among the next so many of them (`narrowed`).
"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from router.casework.case.seen import held_by
from router.casework.context import Context
from router.casework.read import narrowed
from router.casework.read.narrowed import Found, ListOf, Wish, most_of, number_of
from router.casework.read.numbers import cases_called
from router.casework.read.stats import due_before
from router.clock import end_of_day, micros, moment
from router.errors import BadInput
from router.store.base import Row
from router.store.schema.tables import cases, tallies
from schemas.actor import ROUTER, Actor
from schemas.pages import DeskOrder, DeskWanted, Due
from schemas.states import CaseState

#: A whole number that a column can hold.
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")

#: Wishes for which each case is looked at, since the indexes of the desk do not hold what they ask.
_NOT_IN_INDEX: Final = frozenset({"partner", "host_bidx"})
_ORDERS: Final = {
    DeskOrder.RISK: (cases.c.rank, cases.c.desk_first_since, cases.c.id),
    DeskOrder.DUE: (cases.c.desk_due, cases.c.id),
    DeskOrder.AGE: (cases.c.desk_first_since, cases.c.id),
}


async def page_of_desk(
    ctx: Context, wanted: DeskWanted, cursor: str | None, limit: int, reader: Actor | None = None
) -> Found:
    """Return a page of what waits for people, in the order that is wanted. Raise BadInput for another list's cursor."""
    order = _ORDERS[wanted.order]
    on_desk, total, wishes, exact = await _sought(ctx, wanted, reader)
    after = [] if cursor is None else [tuple_(*order) > tuple_(*_read(cursor, wanted.order))]
    costly = any(most_of(wish) > narrowed.LOOKED for wish in wishes if wish.name in _NOT_IN_INDEX)
    looked = narrowed.LOOKED if costly else narrowed.LOOKED_ON_DESK
    last, until = await _where_it_ends(ctx, order, after, looked) if on_desk > looked else (None, [])
    meets = [(wish.finds() or wish.meets)(cases.c) for wish in wishes]
    # By their ids first: the index of the order holds these and most of what is wanted, so few cases are looked at.
    among = select(cases.c.id).where(cases.c.desk_code.is_not(None), *meets, *until)
    first = among.where(*after).order_by(*order).limit(limit + 1).subquery()
    rows = await ctx.store.rows(select(cases).where(cases.c.id.in_(select(first.c.id))).order_by(*order))
    cut = _cursor(rows[limit - 1], wanted.order) if len(rows) > limit else None
    if cut is None and last is not None:
        cut = _cursor(last, wanted.order)
    if exact:
        return Found(rows[:limit], total, next=cut)
    counted = await number_of(ctx, among)
    return Found(rows[:limit], counted, more=counted > narrowed.COUNTED or bool(until), next=cut)


async def count_on_desk(ctx: Context, wanted: DeskWanted, reader: Actor | None, most: int) -> tuple[int, bool]:
    """Return how many a list of the desk has, and whether there may be more: `most` are counted one by one.

    They are looked for among the first `LOOKED` of the desk.
    """
    on_desk, total, wishes, exact = await _sought(ctx, wanted, reader)
    if exact:
        return total, False
    order, until = _ORDERS[wanted.order], list[ColumnElement[bool]]()
    if on_desk > narrowed.LOOKED and not any(wish.finds() for wish in wishes):
        _, until = await _where_it_ends(ctx, order, [], narrowed.LOOKED)
    meets = [(wish.finds() or wish.meets)(cases.c) for wish in wishes]
    counted = await number_of(ctx, select(cases.c.id).where(cases.c.desk_code.is_not(None), *meets, *until), most)
    return min(counted, most), counted > most or bool(until)


async def _sought(ctx: Context, wanted: DeskWanted, reader: Actor | None) -> tuple[int, int, list[Wish], bool]:
    """Return what `_desk` does, with what is this reader's and what one number is of."""
    on_desk, total, wishes, exact = await _desk(ctx, wanted)
    if wanted.mine:
        own = select(cases.c.id).where(cases.c.id.in_(held_by(ctx, reader or ROUTER)))
        wishes.append(Wish("mine", lambda c: c.id.in_(own), leads=False, count=0, few=lambda c: c.id.in_(own)))
        exact = False
    if wanted.number is not None:
        wishes.append(narrowed.called(lambda c: c.id.in_(cases_called(ctx, str(wanted.number)))))
        exact = False
    return on_desk, total, wishes, exact


async def _where_it_ends(
    ctx: Context, order: tuple[Any, ...], after: list[Any], looked: int
) -> tuple[Row | None, list[ColumnElement[bool]]]:
    """Return the last of so many that a page looks at, and what those meet; nothing where there are fewer."""
    ends = select(*order).where(cases.c.desk_code.is_not(None), *after).order_by(*order)
    ended = await ctx.store.rows(ends.offset(looked - 1).limit(1))
    return (ended[0], [tuple_(*order) <= tuple_(*ended[0].values())]) if ended else (None, [])


async def _desk(ctx: Context, wanted: DeskWanted) -> tuple[int, int, list[Wish], bool]:
    """Return how many there are on the desk, how many of them are wanted as far as tallies tell, and the wishes."""
    wishes = [wish for wish in narrowed.wishes_of_cases(wanted) if wish.name != "desk"]
    if wanted.at_risk:
        urgent = Wish("at_risk", lambda c: c.rank == 0, and_(tallies.c.mark == 1, tallies.c.state == CaseState.DESK))
        wishes = [urgent if wish.name == "at_risk" else wish for wish in wishes]
    # Written so that no index of all cases serves them: the desk's own hold what they ask, in the order of the list.
    apart = {
        "source": lambda c: func.coalesce(c.source, "") == wanted.source,
        "country": lambda c: func.coalesce(c.hosting_country, "") == wanted.country,
        "reason": lambda c: or_(func.coalesce(c.desk_code, "") == wanted.reason, _also(c, wanted)),
    }
    wishes = [replace(wish, meets=apart.get(wish.name, wish.meets)) for wish in wishes]
    on_desk = Wish("desk", lambda c: c.desk_code.is_not(None), tallies.c.state == CaseState.DESK)
    total, told, exact = await narrowed.counted_by_tallies(ctx, ListOf(cases, "case", ()), [on_desk, *wishes])
    wishes = told[1:]
    if wanted.partner is not None:
        wishes.append(narrowed.sent_to(wanted.partner, await narrowed.referred_to(ctx, wanted.partner)))
    wishes += await narrowed.of_site(ctx, wanted)
    by_time = {Due.OVERDUE: ctx.now(), Due.TODAY: micros(end_of_day(moment(ctx.now()), ctx.zone))}
    if wanted.due is not None:
        before = by_time[wanted.due]
        if not wishes and not _waiting_since(ctx, wanted):
            (total,) = await due_before(ctx, before)
        else:
            exact = False
        wishes.append(Wish("due", lambda c: c.desk_due < before))
    since = min(_waiting_since(ctx, wanted), default=None)
    if since is not None:
        wishes.append(Wish("since", lambda c: c.desk_first_since < since))
        exact = False
    if wanted.came_after is not None:
        after = micros(wanted.came_after)
        wishes.append(Wish("came", lambda c: c.desk_first_since > after))
        exact = False
    exact = exact and wanted.partner is None and wanted.site is None
    if exact and wanted.reason is not None:
        beside = and_(
            cases.c.desk_code != wanted.reason,
            cases.c.desk_code.is_not(None),
            narrowed.also_asked(cases.c, wanted.reason),
        )
        several = select(cases.c.id).where(cases.c.desk_also.is_not(None), beside)
        more = await number_of(ctx, several.where(*(w.meets(cases.c) for w in wishes if w.name != "reason")))
        total, exact = total + more, more <= narrowed.COUNTED
    return most_of(told[0]), total, wishes, exact


def _also(columns: Any, wanted: DeskWanted) -> ColumnElement[bool]:
    """Return what a case meets that people have for this reason beside another one."""
    assert wanted.reason is not None
    return narrowed.also_asked(columns, wanted.reason)


def _waiting_since(ctx: Context, wanted: DeskWanted) -> list[int]:
    """Return before which moments people must have had it already."""
    ago = [] if wanted.waits is None else [ctx.now() - wanted.waits.time // timedelta(microseconds=1)]
    return ago if wanted.waits_since_before is None else [*ago, micros(wanted.waits_since_before)]


def _cursor(row: Row, order: DeskOrder) -> str:
    return ".".join([order[0], *(str(row[column.key]) for column in _ORDERS[order])])


def _read(cursor: str, order: DeskOrder) -> list[Any]:
    """Return the values that a cursor of the desk holds: whole numbers, then an id."""
    kind, *numbers = cursor.split(".")
    last = numbers.pop() if numbers else ""
    if kind != order[0] or len(numbers) != len(_ORDERS[order]) - 1 or not all(_WHOLE.fullmatch(n) for n in numbers):
        raise BadInput("This is not where a page of this list ended; start again without a cursor.", field="cursor")
    return [*map(int, numbers), last]
