"""What is read page by page and counted is what the definitions say, counted a second time: to the digit."""

from pathlib import Path
from random import Random

import pytest

from router.figures import read
from router.figures.count import SEVERAL, Counted
from router.figures.definitions import definitions
from router.store.base import Transition
from tests.figures.again import EEA, HOME, again
from tests.figures.generated import HOUR, START, lives, rows_of
from tests.office import office


@pytest.mark.parametrize("seed", range(3))
async def test_a_second_count_by_the_definitions_agrees_to_the_digit(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "PAGE", 7)
    rows = lives(Random(seed), 90)  # noqa: S311 - lives, not secrets
    async with office(tmp_path) as ctx:
        await ctx.store.commit(Transition(START, adds=rows_of(rows)))
        for first, last in ((0, 40), (3, 11), (50, 60)):
            start, end = START + first * 24 * HOUR, START + last * 24 * HOUR
            found = Counted(HOME, frozenset(EEA), ctx.zone)
            await read.count(ctx.store, start, end, found)
            assert dict(found.numbers) == again(rows, start, end)
            assert len(found.gone) + found.in_doubt == found.numbers["actioned", "total", "all"]
            check_sums(found)
            assert all(key[1] in definitions().measures[key[0]] for key in found.numbers if key[1] != "total")


def check_sums(found: Counted) -> None:
    """What a measure is parted into makes it up; what was received is what opened cases and what repeats."""
    for (measure, dimension), parts in sums(found).items():
        if dimension not in SEVERAL:
            assert parts == found.numbers[measure, "total", "all"], (measure, dimension)
    repeats = sum(found.numbers["items", "way", way] for way in ("same_report", "open_case"))
    cases = found.numbers["cases", "total", "all"]
    assert found.numbers["items", "total", "all"] == cases + repeats
    assert found.numbers["items", "way", "opened"] == cases


def sums(found: Counted) -> dict[tuple[str, str], int]:
    made: dict[tuple[str, str], int] = {}
    for (measure, dimension, _), count in found.numbers.items():
        made[measure, dimension] = made.get((measure, dimension), 0) + count
    return made
