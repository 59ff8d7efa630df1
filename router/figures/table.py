"""Two periods beside each other, as an audience gets them: the figures, and the curve of how long material stood."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from router.figures.count import TOTAL, Counted, Key
from router.figures.definitions import Definitions
from router.figures.lives import How
from router.figures.small import Cell, hidden_among
from router.figures.survival import incidence, is_enough, life_table, median, product_limit
from schemas.published import Audience, Curve, Figure, Hidden, Incidence, Interval, Period

#: A change in percent of a smaller base than this says nothing.
LEAST_BASE: Final = 20
#: How a clock may stop for good; each leaves nothing for the others to end.
_CAUSES: Final = (How.GONE, How.MOVED, How.NOT_ILLEGAL)
#: Who gets curves: for everybody the bins stand among the figures, and a curve would date single cases.
_CURVES: Final = (Audience.INHOPE, Audience.INTERNAL)


def same_days(period: Period, year: int) -> Period:
    """Return the same days of the year in which the period is to begin; 29 February is 28 February elsewhere."""
    later = year - period.first.year
    return Period(first=_in_year(period.first, later), last=_in_year(period.last, later))


def _in_year(day: date, later: int) -> date:
    try:
        return day.replace(year=day.year + later)
    except ValueError:
        return day.replace(year=day.year + later, day=28)


def figures(
    audience: Audience,
    meant: Definitions,
    now: Counted,
    before: Counted | None,
    stay_hidden: Sequence[frozenset[Key]] = (),
) -> tuple[Figure, ...]:
    """Return the rows of an audience. To everybody, what is few is hidden; what was hidden in an edition stays so."""
    shown = meant.shown(audience)
    columns = [_cells(one.numbers, shown) for one in (now, *([] if before is None else [before]))]
    for column in columns:  # what one of them has, the other has as well
        for other in columns:
            column |= {key: 0 for key in other if key not in column}
    kept = (*stay_hidden, *(frozenset[Key](),) * 2)
    hidden = [
        hidden_among(column, stays) if audience is Audience.PUBLIC else {}
        for column, stays in zip(columns, kept, strict=False)
    ]
    return tuple(_figure(key, columns, hidden) for key in sorted(columns[0], key=_order))


def _cells(numbers: Mapping[Key, int], shown: Mapping[str, tuple[str, ...]]) -> dict[Cell, int]:
    cells = {(measure, *TOTAL): numbers.get((measure, *TOTAL), 0) for measure in shown}
    return cells | {
        (measure, dimension, key): count
        for (measure, dimension, key), count in numbers.items()
        if dimension in shown.get(measure, ())
    }


def _order(key: Key) -> tuple[object, ...]:
    measure, dimension, name = key
    return (measure, dimension != TOTAL[0], dimension, name)


def _figure(key: Key, columns: list[dict[Cell, int]], hidden: list[dict[Cell, Hidden]]) -> Figure:
    values = [None if key in hides else column[key] for column, hides in zip(columns, hidden, strict=True)]
    value, before = values[0], values[1] if len(values) > 1 else None
    measure, dimension, name = key
    return Figure(
        measure=measure,
        dimension=dimension,
        key=name,
        value=value,
        hidden=hidden[0].get(key),
        before=before,
        hidden_before=hidden[1].get(key) if len(hidden) > 1 else None,
        percent=percent(value, before),
    )


def percent(value: int | None, before: int | None) -> int | None:
    """Return the change in whole percent, half away from zero; None where it says nothing or is not to be known."""
    if value is None or before is None or before < LEAST_BASE:
        return None
    change = abs(value - before)
    whole = (200 * change + before) // (2 * before)
    return whole if value >= before else -whole


def curves(audience: Audience, counted: Counted) -> tuple[Curve, ...]:
    """Return how long actioned material stood after a partner accepted it."""
    if audience not in _CURVES or not (counted.gone or counted.in_doubt):
        return ()
    lives = [lived for lived, _ in counted.gone]
    said = [who for _, who in counted.gone if who is not None]
    plain = Curve(
        clock="accepted",
        lives=len(lives),
        events=sum(one.event for one in lives),
        said_by={who: said.count(who) for who in sorted(set(said))},
        in_doubt=counted.in_doubt,
    )
    if not is_enough(lives):
        if audience is not Audience.INTERNAL:
            return (plain,)
        listed = sorted((lived.minutes, lived.event, who or "") for lived, who in counted.gone)
        return (
            plain.model_copy(
                update={
                    "intervals": tuple(
                        Interval(minutes=at, event=ends, said_by=who or None) for at, ends, who in listed
                    )
                }
            ),
        )
    steps = product_limit(lives)
    middle, low, high = median(steps)
    shares = incidence(counted.ends, [str(one) for one in _CAUSES])
    more = {
        "incidence": tuple(Incidence(how=how, by_day=by_day) for how, by_day in shares.items()),
        "steps": steps,
        "median": middle,
        "median_low": low,
        "median_high": high,
        "table": life_table(lives),
    }
    return (plain.model_copy(update=more),)
