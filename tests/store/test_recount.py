"""What is kept as counted is what counting finds: after random lives, lost fences, rollbacks, two writers."""

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from router.errors import Conflict
from router.store import recount
from router.store.base import Add, Change, Remove, Transition
from router.store.postgres import engine as postgres_engine
from router.store.recount import recounted
from router.store.schema.tables import cases, referrals, tallies
from router.store.writer import Writer
from tests.store.conftest import Opened, Run
from tests.store.samples import NOW, case, due, referral, report

HOUR = 3_600_000_000
#: What a life may do to a case or a referral; each keeps the rules of its table.
CASE_VALUES = (
    {"state": "located", "desk_code": None, "next_at": NOW},
    {"state": "referred", "hosting_country": "NL", "desk_code": None, "next_at": NOW},
    {"state": "desk", "desk_code": "look", "desk_due": NOW + HOUR, "next_at": None},
    {"state": "desk", "desk_code": "unresolved", "desk_due": NOW + 9 * HOUR, "next_at": None},
    {"urgency": "live"},
    {"urgency": "none"},
    {"state": "closed", "desk_code": None, "next_at": None, "outcome": "removed", "closed_at": NOW},
)
REFERRAL_VALUES = (
    {"attempts": 1},
    {"bundle": "b"},
    {"state": "sending", "next_at": NOW},
    {"state": "waiting", "next_at": NOW},
    {"state": "accepted", "receipt": "r", "next_at": None},
    {"state": "refused", "next_at": None},
)


def step(random: Random, n: int) -> Transition:
    """Something that may happen, or lose: most rows are there, some fences are old, some rows clash."""
    name = f"x{random.randrange(max(n, 1))}"
    stale = random.choice([None, None, None, 99])
    match random.randrange(6):
        case 0 | 1:
            countries = {"hosting_country": random.choice([None, "NL", "FR"]), "source": random.choice(["form", "api"])}
            return Transition(NOW, adds=[case(f"x{n}", **countries), referral(f"x{n}", partner="nl")])
        case 2:
            return Transition(NOW, [Change(cases, {"id": name}, random.choice(CASE_VALUES), stale)])
        case 3:
            return Transition(NOW, [Change(referrals, {"id": name}, random.choice(REFERRAL_VALUES), stale)])
        case 4:
            both = [Change(table, {"id": name}, {"state": "nonsense"}) for table in (cases, referrals)]
            return Transition(NOW, random.choice([both, both[:1]]))  # a rule of the schema refuses it
        case _:
            table = random.choice([cases, referrals])
            return Transition(NOW, removes=[Remove(table, {"id": name})])


async def live(store: Writer, random: Random, steps: int) -> int:
    """Do so many things, many at once; return how many were done."""

    async def one(n: int) -> bool:
        try:
            await store.commit(step(random, n))
        except (Conflict, ValueError):
            return False
        if n % 9 == 0:
            await store.claim(due(3, f"w{n}", lease=-1.0, state="sending"))
        return True

    return sum(await asyncio.gather(*map(one, range(steps))))


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_life_every_tally_is_what_counting_finds(
    opened: Opened, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_engine, "SUM_UP_EVERY", 3)
    random = Random(seed)  # noqa: S311 - a life, not a secret
    stores = [await opened() for _ in range(2)]
    done = await asyncio.gather(*(live(store, random, 150) for store in stores))
    assert min(done) > 40
    assert await recounted(stores[0].rows) == {}
    counted = await stores[0].rows(select(func.sum(tallies.c.n).label("n")).where(tallies.c.kind == "case"))
    assert counted[0]["n"] == (await stores[0].rows(select(func.count().label("n")).select_from(cases)))[0]["n"] > 20


async def test_what_writes_past_the_router_is_counted_too(store: Writer, run: Run) -> None:
    await store.commit(Transition(NOW, adds=[case(name) for name in "abc"]))
    await run("UPDATE cases SET urgency = 'live', hosting_country = 'FR' WHERE id <> 'a'")
    await run("DELETE FROM cases WHERE id = 'c'")
    assert await recounted(store.rows) == {}


async def test_a_tally_that_was_written_by_hand_is_found(store: Writer, run: Run) -> None:
    await store.commit(Transition(NOW, adds=[case("a"), referral("r")]))
    await run("UPDATE tallies SET n = n + 2 WHERE kind = 'referral'")
    assert await recounted(store.rows) == {"referral waiting nl 0": 2}


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("DELETE FROM figure_cases WHERE id IN ('a', 'c')", {"figure_cases": -2}),
        ("UPDATE figure_cases SET outcome = 'removed' WHERE id = 'b'", {"figure_cases": -1}),
        ("UPDATE figure_referrals SET state = 'accepted'", {"figure_referrals": -3}),
        ("DELETE FROM figure_items; DELETE FROM figure_reports", {"figure_items": -3, "figure_reports": -3}),
        ("UPDATE figure_items SET case_id = 'b'", {"figure_items": -2}),
        ("DELETE FROM cases; DELETE FROM referrals; DELETE FROM items; DELETE FROM reports", {}),
    ],
)
async def test_a_figure_that_a_row_has_nothing_of_is_found(
    store: Writer, run: Run, done: str, found: dict[str, int]
) -> None:
    for name in "abc":
        await store.commit(Transition(NOW, adds=[case(name), referral(name), *report(name)]))
    assert await recounted(store.rows) == {}
    for one in done.split("; "):
        await run(one)
    assert await recounted(store.rows) == found


async def test_of_figures_the_newest_rows_are_compared(
    store: Writer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "NEWEST", 2)
    await store.commit(Transition(NOW, adds=[case(name) for name in "abc"]))
    await run("DELETE FROM figure_cases WHERE id = 'a'")
    assert await recounted(store.rows) == {}
    await run("DELETE FROM figure_cases")
    assert await recounted(store.rows) == {"figure_cases": -2}


async def test_what_is_over_leaves_no_quarter_of_an_hour_behind(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_engine, "SUM_UP_EVERY", 1)
    asked = {"state": "desk", "desk_code": "look", "next_at": None}
    for n in range(5):
        await store.commit(Transition(NOW, adds=[case(f"c{n}", **asked, desk_due=NOW + n * HOUR)]))
    done: dict[str, Any] = {"state": "closed", "desk_code": None, "outcome": "removed", "closed_at": NOW}
    for n in range(5):
        await store.commit(Transition(NOW, [Change(cases, {"id": f"c{n}"}, done)]))
    await store.commit(Transition(NOW, adds=[Add(cases, case("last").values)]))
    assert await store.rows(select(tallies).where(tallies.c.kind == "due")) == []
