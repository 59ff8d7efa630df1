"""Hide what is too few to be shown to everybody, and whatever would let one of these be computed. Pure.

0 is shown as 0; 1 to 4 is hidden as few. Whoever reads the table knows its sums (the parts of a dimension make up its
measure), and what `RELATED` says; so what is hidden is tried as they would: while a hidden number can have one value
only, the smallest number beside it is hidden as well. Nothing is drawn by lot: the same numbers are hidden alike each
time, so that two editions of the same days show no more than one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from schemas.published import Hidden

Cell: TypeAlias = tuple[str, str, str]

FEWEST_SHOWN: Final = 5
_TOTAL: Final = ("total", "all")
#: A number that is hidden because of others is no small one; how large it is nobody is told.
_NO_LIMIT: Final = 10**9
#: So many others are moved to make up for one: its part, the total, and the same in the dimension that it is tied to.
_MOVES: Final = 4
#: What is known of numbers of different parts, whatever was counted: the first ones are no more than the second ones.
RELATED: Final[Sequence[tuple[tuple[Cell, ...], tuple[Cell, ...]]]] = (
    ((("cases", "assessment", "spam"),), (("cases", "outcome", "spam"),)),
    ((("cases", "outcome", "spam"),), (("cases", "assessment", "spam"),)),
    (
        (("actioned", *_TOTAL),),
        (("cases", "assessment", "baseline"), ("cases", "assessment", "national")),
    ),
    (
        tuple(("actioned", "accepted_to_gone", one) for one in ("lt_72h", "72h_to_168h", "ge_168h")),
        (("cases", "outcome", "removed"), ("cases", "outcome", "unavailable")),
    ),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """The sum of some numbers is no more than that of others."""

    less: tuple[Cell, ...]
    more: tuple[Cell, ...]


def rules_of(cells: Mapping[Cell, int]) -> list[Rule]:
    """Return what everybody knows of these numbers."""
    parts: dict[tuple[str, str], list[Cell]] = {}
    for cell in sorted(cells):
        if cell[1] != _TOTAL[0]:
            parts.setdefault(cell[:2], []).append(cell)
    rules: list[Rule] = []
    for (measure, _), of_it in parts.items():
        whole = ((measure, *_TOTAL),)
        rules += [Rule(whole, tuple(of_it)), Rule(tuple(of_it), whole)]
    for less, more in RELATED:
        if any(one in cells for one in less):
            rules.append(Rule(*(tuple(one for one in side if one in cells) for side in (less, more))))
    return rules


def hidden_among(cells: Mapping[Cell, int], stays: frozenset[Cell] = frozenset()) -> dict[Cell, Hidden]:
    """Return which of these numbers are not shown, and why. `stays` are those that were not in an earlier edition."""
    hidden = {cell: Hidden.FEW for cell, count in cells.items() if 0 < count < FEWEST_SHOWN}
    hidden |= {cell: Hidden.BESIDE for cell in stays if cells.get(cell, 0) >= FEWEST_SHOWN}
    rules = rules_of(cells)
    while told := [cell for cell in sorted(hidden) if not is_open(cell, cells, hidden, rules)]:
        beside = _beside(told, cells, hidden, rules)
        if beside is not None:
            hidden[beside] = Hidden.BESIDE
            continue
        # Four parts of a "<5" are 1 each: then not even that they are few is said, of any part of the measure.
        few = {cell: Hidden.BESIDE for cell in hidden if cell[0] in {one[0] for one in told}}
        if hidden == hidden | few:
            break
        hidden |= few
    return hidden


def is_open(cell: Cell, cells: Mapping[Cell, int], hidden: Mapping[Cell, Hidden], rules: Sequence[Rule]) -> bool:
    """Tell whether a hidden number could be another one, for all that is shown.

    The true numbers agree with everything that is shown, so another one is looked for nearby: this number one more or
    one less, made up for by others that are hidden too.
    """
    return any(_made_up({cell: by}, cells, hidden, rules, _MOVES) for by in (1, -1) if _may(cell, by, cells, hidden))


def _may(cell: Cell, by: int, cells: Mapping[Cell, int], hidden: Mapping[Cell, Hidden]) -> bool:
    few = cells[cell] < FEWEST_SHOWN
    low, high = (1 if few else FEWEST_SHOWN), (FEWEST_SHOWN - 1 if hidden[cell] is Hidden.FEW else _NO_LIMIT)
    return low <= cells[cell] + by <= high


def _made_up(
    moved: Mapping[Cell, int],
    cells: Mapping[Cell, int],
    hidden: Mapping[Cell, Hidden],
    rules: Sequence[Rule],
    steps: int,
) -> bool:
    """Tell whether these numbers can be moved so, with as many others as steps are left moved by one each."""
    broken = next((one for one in rules if _sum(one.less, cells, moved) > _sum(one.more, cells, moved)), None)
    if broken is None:
        return True
    if not steps:
        return False
    ways = [(cell, -1) for cell in broken.less] + [(cell, 1) for cell in broken.more]
    return any(
        _made_up({**moved, cell: by}, cells, hidden, rules, steps - 1)
        for cell, by in ways
        if cell in hidden and cell not in moved and _may(cell, by, cells, hidden)
    )


def _sum(of: Sequence[Cell], cells: Mapping[Cell, int], moved: Mapping[Cell, int]) -> int:
    return sum(cells.get(cell, 0) + moved.get(cell, 0) for cell in of)


def _beside(
    told: Sequence[Cell], cells: Mapping[Cell, int], hidden: Mapping[Cell, Hidden], rules: Sequence[Rule]
) -> Cell | None:
    """Return the smallest number that is still shown beside one that can be computed, a total last; None for none."""
    near = {
        cell
        for rule in rules
        if any(one in told for one in (*rule.less, *rule.more))
        for cell in (*rule.less, *rule.more)
    }
    shown = [cell for cell in near if cell not in hidden and cells[cell] >= FEWEST_SHOWN]
    return min(shown, key=lambda cell: (cell[1] == _TOTAL[0], cells[cell], cell), default=None)
