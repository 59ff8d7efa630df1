"""Ids are UUIDv7, distinct, each greater than all before it whatever the clock does; and no id is taken for a date."""

import ast
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.store import ids
from router.store.ids import new_id, new_ids

#: A clock as a machine may show it, in milliseconds: anything a UUIDv7 can write down, in any order.
CLOCK = st.integers(0, 2**48 - 2**20)
DRAWS = st.lists(st.tuples(CLOCK, st.integers(0, 40)), max_size=20)
#: Where rows are taken in the order of their ids alone, and what for.
BY_ID_ALONE = {
    "_stays": "every writer locks accounts in one order",
    "_put_off": "any of them will do, and always the same ones",
    "_found": "pages through the desk, each of its cases once",
    "index_domains": "goes through all cases once, each page after the last",
    "_left": "looks through what has left, each once; the newest end comes first, and its limit is told",
    "_in_doubt": "all that may have arrived, each once",
    "group": "the open cases of a site, each once, and always the same ones where they are too many",
    "_newest": "the newest end of a whole table, which is only counted",
    "live_since": "the first report ever, of which a day is told; no two are taken at once then",
    "reindex": "goes through all cases once, each page after the last",
    "compose": "staff get their numbers in one order, whoever made the trail and whenever",
    "_sent_by": "the same referrals in one order each time they are told of",
    "last": "finds the last rows of the whole table, which are then put in order by their dates",
}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Ids start anew, and afterwards go on from where they were."""
    monkeypatch.setattr(ids, "_last", 0)
    return monkeypatch


def rising(drawn: list[str]) -> bool:
    return all(one < other for one, other in pairwise(drawn))


def test_an_id_is_a_uuid_of_version_7(fresh: pytest.MonkeyPatch) -> None:
    before = time.time()
    one = UUID(new_id())
    assert (one.version, one.variant) == (7, RFC_4122)
    assert before - 0.001 <= (one.int >> 80) / 1000 <= time.time()


def test_no_ids_are_no_ids() -> None:
    assert new_ids(0) == []


def test_ids_of_a_burst_rise_whether_drawn_alone_or_together() -> None:
    alone = [new_id() for _ in range(20_000)]
    together = new_ids(20_000)
    mixed = [one for size in range(200) for one in (new_id(), *new_ids(size))]
    assert rising([*alone, *together, *mixed])
    assert len({UUID(one).int & (1 << 48) - 1 for one in together}) > 19_990  # what is not counted is random


def test_ids_of_threads_differ_and_rise_in_each() -> None:
    workers = 8
    together = Barrier(workers)

    def draw(number: int) -> list[str]:
        together.wait()
        return [one for _ in range(500) for one in (new_id(), *new_ids(number))]

    with ThreadPoolExecutor(workers) as pool:
        drawn = list(pool.map(draw, range(workers)))
    assert all(rising(one) for one in drawn)
    together_drawn = [one for each in drawn for one in each]
    assert len({one[:23] for one in together_drawn}) == len(together_drawn)  # the counter alone tells them apart


@given(draws=DRAWS)
def test_ids_rise_and_stay_uuids_wherever_the_clock_steps(draws: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "_last", 0)
        drawn = []
        for now, count in draws:
            patch.setattr(ids.time, "time_ns", lambda now=now: now * 1_000_000)
            drawn += [*new_ids(count), new_id()]
    assert rising(drawn)
    assert {(UUID(one).version, UUID(one).variant, len(one)) for one in drawn} <= {(7, RFC_4122, 36)}


def test_a_full_counter_goes_on_in_the_next_millisecond(fresh: pytest.MonkeyPatch) -> None:
    fresh.setattr(ids.time, "time_ns", lambda: 1_000_000)
    fresh.setattr(ids, "_last", (1 << 26 | (1 << 26) - 3))
    drawn = new_ids(5)
    assert rising(drawn)
    assert [UUID(one).int >> 80 for one in drawn] == [1, 1, 2, 2, 2]


def test_a_counter_starts_with_room_to_count(fresh: pytest.MonkeyPatch) -> None:
    fresh.setattr(ids.os, "urandom", lambda size: b"\xff" * size)
    fresh.setattr(ids, "_random", deque())
    fresh.setattr(ids.time, "time_ns", lambda: 1_000_000)
    assert new_id() == "00000000-0001-77ff-bfff-ffffffffffff"


def orders_by_id(function: ast.AST) -> bool:
    """Tell whether a function asks for rows in the order of their ids first."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    firsts = [ast.unparse(call.args[0]) for call in calls if call.func.attr == "order_by" and call.args]
    return any(first.removesuffix(".desc()").endswith(".c.id") for first in firsts)


def test_what_is_newest_is_said_by_a_date() -> None:
    room = Path(ids.__file__).parent.parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in room.rglob("*.py")]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, functions) and orders_by_id(node)]
    assert sorted(node.name for node in found) == sorted(BY_ID_ALONE)
