"""No number that is hidden can be computed from what is shown, by somebody who knows every sum and every relation."""

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from router.figures.small import Cell, hidden_among
from schemas.published import Hidden

TOTAL = ("total", "all")
MANY = 10**6
DIMENSIONS = {"cases": ("assessment", "hosted", "site_type", "outcome"), "actioned": ("accepted_to_gone",)}
GONE = ("lt_72h", "72h_to_168h", "ge_168h")


def world(random: Random) -> dict[Cell, int]:
    """The public numbers of a year that might have been: each case is one, so that what is related is related."""
    numbers: Counter[Cell] = Counter()
    skewed = [1, 3, 9, 27]
    for _ in range(random.choice([3, 8, 20, 60, 200])):
        said = random.choices(["spam", "national", "unassessed", "baseline"], skewed)[0]
        outcome = "spam" if said == "spam" else random.choices(["moved", "unavailable", "open", "removed"], skewed)[0]
        tell = {
            "assessment": said, "outcome": outcome, "site_type": random.choices(["blog", "forum"], [1, 8])[0],
            "hosted": random.choices(["home", "edge_only", "eea", "elsewhere"], skewed)[0],
        }  # fmt: skip
        numbers.update([("cases", *TOTAL), *(("cases", name, key) for name, key in tell.items())])
        if said in ("national", "baseline") and random.random() < 0.8:
            gone = outcome in ("removed", "unavailable")
            bin_ = random.choices(GONE, [9, 3, 1])[0] if gone else "not_gone"
            numbers.update([("actioned", *TOTAL), ("actioned", "accepted_to_gone", bin_)])
    numbers["reports", "total", "all"] = random.randrange(300)
    for measure in ("cases", "actioned"):
        numbers[measure, "total", "all"] += 0
    return dict(numbers)


def known(cells: Mapping[Cell, int], hidden: Mapping[Cell, Hidden]) -> dict[Cell, tuple[int, int]]:
    """All that somebody can find out: for each number the least and the most it can be."""
    bounds = {cell: (count, count) for cell, count in cells.items() if cell not in hidden}
    plain = all(cells[cell] >= 5 for cell, why in hidden.items() if why is Hidden.BESIDE)
    bounds |= {cell: (1, 4) if why is Hidden.FEW else (5 if plain else 1, MANY) for cell, why in hidden.items()}
    rules = list(sums(cells)) + list(relations(cells))
    for _ in range(200):
        before = dict(bounds)
        for less, more in rules:
            narrow(bounds, less, more)
        if bounds == before:
            break
    return bounds


def narrow(bounds: dict[Cell, tuple[int, int]], less: list[Cell], more: list[Cell]) -> None:
    """The sum of some is no more than that of others: so none of them is larger, or smaller, than this allows."""
    least, most = sum(bounds[one][0] for one in less), sum(bounds[one][1] for one in more)
    for one in less:
        low, high = bounds[one]
        bounds[one] = (low, min(high, most - (least - low)))
    for one in more:
        low, high = bounds[one]
        bounds[one] = (max(low, least - (most - high)), high)


def sums(cells: Mapping[Cell, int]) -> list[tuple[list[Cell], list[Cell]]]:
    made = []
    for measure, names in DIMENSIONS.items():
        for name in names:
            parts, whole = [one for one in cells if one[:2] == (measure, name)], [(measure, "total", "all")]
            made += [(parts, whole), (whole, parts)] if parts else []
    return made


def relations(cells: Mapping[Cell, int]) -> list[tuple[list[Cell], list[Cell]]]:
    spam, ends = [("cases", "assessment", "spam")], [("cases", "outcome", "spam")]
    illegal = [("cases", "assessment", one) for one in ("baseline", "national")]
    gone = [("actioned", "accepted_to_gone", one) for one in GONE]
    over = [("cases", "outcome", one) for one in ("removed", "unavailable")]
    all_of_it = [(spam, ends), (ends, spam), ([("actioned", "total", "all")], illegal), (gone, over)]
    there = [tuple([one for one in side if one in cells] for side in pair) for pair in all_of_it]
    return [(less, more) for less, more in there if less and more]


@pytest.mark.parametrize("seed", range(80))
def test_nothing_that_is_hidden_can_be_computed(seed: int) -> None:
    cells = world(Random(seed))  # noqa: S311 - a year, not a secret
    hidden = hidden_among(cells)
    assert {cell for cell, count in cells.items() if 0 < count < 5} <= set(hidden)
    assert all(0 < cells[cell] < 5 for cell, why in hidden.items() if why is Hidden.FEW)
    assert all(cells[cell] for cell in hidden), "0 is 0"
    found = known(cells, hidden)
    assert {cell: found[cell] for cell in hidden if found[cell][0] == found[cell][1]} == {}
    assert all(low <= cells[cell] <= high for cell, (low, high) in found.items()), "whoever attacks is not misled"
    assert hidden == hidden_among(cells), "no lot is drawn"


def test_whoever_attacks_finds_what_is_hidden_alone() -> None:
    """Else the test above could not fail."""
    caught = 0
    for seed in range(60):
        cells = world(Random(seed))  # noqa: S311 - a year, not a secret
        alone = {cell: Hidden.FEW for cell, count in cells.items() if 0 < count < 5}
        found = known(cells, alone)
        caught += any(found[cell][0] == found[cell][1] for cell in alone)
    assert caught > 10


def test_nothing_is_hidden_where_nothing_is_few() -> None:
    cells = {("cases", *TOTAL): 30, ("cases", "hosted", "home"): 0, ("cases", "hosted", "eea"): 30}
    assert hidden_among(cells) == {}


def test_a_few_alone_takes_a_neighbour_along_and_one_that_tells_it_the_total() -> None:
    plain = {("cases", *TOTAL): 33, ("cases", "hosted", "home"): 3, ("cases", "hosted", "eea"): 10}
    plain |= {("cases", "hosted", "elsewhere"): 20}
    assert hidden_among(plain) == {("cases", "hosted", "home"): Hidden.FEW, ("cases", "hosted", "eea"): Hidden.BESIDE}
    tight = {("cases", *TOTAL): 6, ("cases", "hosted", "home"): 1, ("cases", "hosted", "eea"): 5}
    assert set(hidden_among(tight)) == set(tight), "5 and more beside 1 to 4 make 6 in one way only"


def test_what_an_edition_hid_stays_hidden() -> None:
    cell = ("cases", "hosted", "eea")
    cells = {("cases", *TOTAL): 30, ("cases", "hosted", "home"): 10, cell: 20}
    assert hidden_among(cells, frozenset({cell, ("cases", "hosted", "gone")}))[cell] is Hidden.BESIDE
    assert len(hidden_among(cells, frozenset({cell}))) > 1, "alone it could be computed"


def test_four_that_make_up_four_are_not_even_called_few() -> None:
    parts = {("actioned", "accepted_to_gone", one): 1 for one in (*GONE, "not_gone")}
    hidden = hidden_among({("actioned", *TOTAL): 4} | parts)
    assert set(hidden.values()) == {Hidden.BESIDE}
    assert len(hidden) == 5
