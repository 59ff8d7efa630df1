"""A list of a hub is read without losing a window, whatever its order, its length and its failures (Hypothesis)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.casework.intake import hub_lists
from router.casework.intake.hub_lists import Windows
from router.clock import micros
from router.partners.base import Deferred, Reason, Refused
from router.partners.inbox import Finding, HandedIn, Inbox, Page
from router.store.base import Change, Transition
from router.store.schema.tables import hub_items
from schemas.exchange import ActionStatement
from tests.casebook import Casebook
from tests.office import START

MOST = 3


@dataclass
class Listing(Inbox):
    """A hub that lists what it has in the order of dates, at most three at a time, and fails when it is told to."""

    items: dict[str, datetime] = field(default_factory=dict)
    fails: list[bool] = field(default_factory=list)
    newest_first: bool = False
    lists = ("no-reference",)
    first = ("unactioned",)
    acknowledges = False

    async def page(self, name: str, since: datetime) -> Page | Deferred | Refused:
        if self.fails and self.fails.pop(0):
            return Deferred(Reason.BUSY, "Not now.")
        since = since.replace(microsecond=0)
        found = sorted((at, number) for number, at in self.items.items() if at >= since)
        found = sorted(found, reverse=self.newest_first)[:MOST]
        return Page(tuple(number for _, number in found), len(found) >= MOST)

    async def read(self, number: str) -> HandedIn | Deferred | Refused:
        raise NotImplementedError

    async def acknowledge(self, number: str, reference: str) -> Deferred | Refused | None:
        raise NotImplementedError

    async def tell(self, number: str, finding: Finding, acts: Sequence[ActionStatement]) -> Deferred | Refused | None:
        raise NotImplementedError


async def walked(book: Casebook, name: str, listing: Listing, windows: Windows) -> bool:
    """Walk a list to its end; everything that it names is read at once. Return whether it is stuck."""
    for _ in range(200):
        found = await hub_lists.walk(book.ctx, name, listing, "no-reference", windows)
        await book.ctx.store.commit(Transition(book.ctx.now(), found.changes, found.adds))
        await read(book, name, listing, await hub_lists.listed(book.ctx, name, 100))
        if found.is_over:
            return found.is_stuck
        if found.failed is not None:
            return False
    raise AssertionError("it is walked for ever")


async def read(book: Casebook, name: str, listing: Listing, rows: Sequence[dict[str, object]]) -> None:
    for row in rows:
        number = str(row["number"])
        values = {"state": "taken", "assigned_at": micros(listing.items[number]), "read_at": book.ctx.now()}
        change = Change(hub_items, {"partner": name, "number": number}, values)
        await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))


ROUNDS = st.lists(
    st.tuples(st.lists(st.integers(0, 3600), max_size=6, unique=True), st.lists(st.booleans(), max_size=3)),
    min_size=1,
    max_size=4,
)
_NAMES = iter(f"hub-{number}" for number in range(10_000))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40, deadline=None
)
@given(rounds=ROUNDS)
async def test_whatever_comes_and_fails_between_two_readings_everything_is_named(
    book: Casebook, rounds: list[tuple[list[int], list[bool]]]
) -> None:
    name, listing, windows = next(_NAMES), Listing(), Windows()
    for seconds, fails in rounds:
        now = book.ctx.clock.now()
        listing.items |= {f"{now.timestamp():.0f}-{one}": now - timedelta(seconds=one) for one in seconds}
        listing.fails = list(fails)
        await walked(book, name, listing, windows)
        book.later(hours=1)
    listing.fails = []
    assert not await walked(book, name, listing, windows)
    rows = await book.rows(hub_items, hub_items.c.partner == name)
    assert {row["number"] for row in rows} == set(listing.items)


async def test_a_list_of_the_first_reading_is_read_until_it_was_read_through(book: Casebook) -> None:
    listing, windows = Listing(fails=[True]), Windows()
    assert hub_lists.to_walk(listing, windows) == ["no-reference", "unactioned"]
    await hub_lists.walk(book.ctx, "iccam", listing, "unactioned", windows)
    assert "unactioned" in hub_lists.to_walk(listing, windows)
    await hub_lists.walk(book.ctx, "iccam", listing, "unactioned", windows)
    assert hub_lists.to_walk(listing, windows) == ["no-reference"]


def test_windows_are_kept_as_they_are() -> None:
    windows = Windows({"a": 1}, {"a": 2}, ["b"])
    assert Windows.read(windows.kept()) == windows
    assert Windows.read("{}") == Windows()


async def test_a_full_list_out_of_order_or_of_one_moment_is_said_to_be_stuck(book: Casebook) -> None:
    same = {str(number): START - timedelta(hours=1) for number in range(5)}
    assert await walked(book, "same", Listing(items=same), Windows())
    dated = {str(number): START - timedelta(hours=number) for number in range(5)}
    assert await walked(book, "newest", Listing(items=dated, newest_first=True), Windows())
