"""The numbers beside the choices of the desk are those of the lists that they lead to, or say that they are no more."""

from functools import partial
from itertools import product
from typing import Any

import pytest

from router.casework.read import counts as counting
from router.casework.read.counts import counted, counts
from router.casework.read.desk_page import page_of_desk
from schemas.pages import DeskWanted, Due, Waits
from schemas.views import DeskCounts, DeskView
from tests.casebook import ANNA
from tests.casework.read.test_narrowed import REASONS, ctx, looks, through  # noqa: F401 - fixtures
from tests.store.conftest import migrated_postgres, opened, postgres_url, store, url  # noqa: F401 - fixtures

WISHES = [
    {name: value for name, value in zip(("reason", "source", "country", "at_risk"), chosen, strict=True) if value}
    for chosen in product((None, REASONS[0]), (None, "api"), (None, "NL"), (False, True))
]


async def total(ctx: Any, wanted: DeskWanted) -> int:  # noqa: F811 - no fixture
    return len((await through(partial(page_of_desk, reader=ANNA), ctx, wanted))[0])


def choices(found: DeskCounts) -> list[tuple[str, Any, Any]]:
    """Each choice that has a number: of what, which, and the number."""
    beside = {"reason": found.reasons, "source": found.sources, "country": found.countries, "due": found.due}
    every = [(name, value, count) for name, each in beside.items() for value, count in each.items()]
    return [*every, ("at_risk", True, found.at_risk)]


async def test_each_choice_says_what_its_list_has(ctx: Any) -> None:  # noqa: F811 - the fixture is meant
    seen = set()
    for wish in WISHES:
        wanted = DeskWanted(**wish)
        for name, value, count in choices(await counts(ctx, wanted)):
            listed = await total(ctx, wanted.model_copy(update={name: value}))
            assert (count.n, count.more) == (listed, False), (wish, name, value)
            seen.add(name)
        assert bool((await counts(ctx, wanted)).due) is (not wish)
    assert seen == {"reason", "source", "country", "due", "at_risk"}


async def test_what_tallies_do_not_know_stands_without_a_number(ctx: Any) -> None:  # noqa: F811 - the fixture is meant
    for wish in ({"partner": "nl"}, {"due": Due.TODAY}, {"mine": True}, {"waits": Waits.DAY}):
        assert await counts(ctx, DeskWanted(**wish, country="NL")) == DeskCounts()


@pytest.mark.parametrize("most", [1, 1_000])
async def test_a_list_that_is_kept_says_how_many_it_has_or_at_least(
    ctx: Any,  # noqa: F811 - the fixture is meant
    looks: str,  # noqa: F811 - as above
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "MOST", most)
    wishes = [*WISHES, {"partner": "nl"}, {"due": Due.OVERDUE, "country": "NL"}, {"waits": Waits.HOUR}, {"mine": True}]
    views = [DeskView(slot=0, name="x", shared=False, wanted=DeskWanted(**wish)) for wish in wishes]
    found = await counted(ctx, views, ANNA)
    assert [one.wanted for one in found] == [one.wanted for one in views]
    for view in found:
        assert view.count is not None
        listed = await total(ctx, view.wanted)
        assert view.count.n <= listed
        assert view.count.more or view.count.n == listed
        assert not view.count.more or listed > most or view.wanted.reason or looks != "plenty"
    assert any(view.count and view.count.more for view in found) or most > 1
