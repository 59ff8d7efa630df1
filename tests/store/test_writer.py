"""The writer groups what is waiting, answers each caller, and loses nobody when it stops or the database goes away."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from router.ahead import ahead, goes_ahead
from router.errors import BadInput, Conflict, StoreUnavailable
from router.store.base import NOTHING, Claim, LookUp, Row, Transition
from router.store.engine import Migration, Outcome
from router.store.migrate import newest
from router.store.schema.tables import audit, nonces
from router.store.writer import GROUP_TRANSITIONS, Writer
from tests.store.conftest import Opened
from tests.store.samples import KEYRING, NOW, case, nonce


class Recorder:
    """An engine that records its groups, and waits or fails when told to."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.ats: list[list[int]] = []
        self.urgent: list[bool] = []
        self.go = asyncio.Event()
        self.fails: Exception | None = None
        self.closed = False
        self.looked_up: list[Sequence[str]] = []
        self.known: set[str] = set()

    async def apply(self, group: Sequence[Transition]) -> list[Outcome]:
        self.groups.append(len(group))
        self.ats.append([transition.at for transition in group])
        self.urgent.append(goes_ahead())
        await self.go.wait()
        if self.fails:
            raise self.fails
        return [Conflict() if transition.at < 0 else None for transition in group]

    async def rows(self, _statement: Any) -> list[Row]:
        return []

    async def look_up(self, lookup: LookUp, values: Sequence[str]) -> list[Row]:
        self.looked_up.append(values)
        await self.go.wait()
        return [{lookup.by.name: value} for value in values if value in self.known]

    async def claim(self, _claim: Claim, _beside: Transition = NOTHING) -> list[Row]:
        return []

    async def open(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    def mark(self) -> object:
        return 0

    async def changed(self, _since: object, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def revision(self) -> str | None:
        return newest()

    async def migrate(self, _migration: Migration) -> None: ...

    async def scrub(self) -> None: ...


@pytest.fixture
async def engine() -> Recorder:
    return Recorder()


@pytest.fixture
async def writer(engine: Recorder) -> Writer:
    writer = Writer(engine, KEYRING)
    writer.start()
    return writer


async def handed_over(writer: Writer, *transitions: Transition) -> "list[asyncio.Task[None]]":
    tasks = [asyncio.create_task(writer.commit(one)) for one in transitions]
    await asyncio.sleep(0.01)
    return tasks


async def test_what_arrives_while_a_group_is_written_is_the_next_group(writer: Writer, engine: Recorder) -> None:
    first = await handed_over(writer, Transition(1))
    more = await handed_over(writer, *[Transition(1)] * 30)
    assert not any(task.done() for task in (*first, *more))
    engine.go.set()
    await asyncio.gather(*first, *more)
    assert engine.groups == [1, 30]
    await writer.close()


async def test_a_group_has_an_end(writer: Writer, engine: Recorder) -> None:
    engine.go.set()
    await asyncio.gather(*(writer.commit(Transition(1)) for _ in range(GROUP_TRANSITIONS * 2 + 1)))
    assert engine.groups == [GROUP_TRANSITIONS, GROUP_TRANSITIONS, 1]
    big = Transition(1, adds=[case("c")] * 5000)
    await asyncio.gather(*(writer.commit(big) for _ in range(5)))
    assert engine.groups[3:] == [2, 2, 1]
    await writer.close()


async def test_what_one_caller_hands_over_is_one_group_and_nothing_is_put_on_top(
    writer: Writer, engine: Recorder
) -> None:
    engine.go.set()
    many = [Transition(1)] * (GROUP_TRANSITIONS - 1)
    await asyncio.gather(*(writer.commit_all(given) for given in (many, [Transition(1)] * 2, many * 2)))
    assert engine.groups == [len(many), 2, len(many) * 2]
    await writer.close()


async def test_what_is_urgent_is_the_next_group_and_alone(writer: Writer, engine: Recorder) -> None:
    first = await handed_over(writer, Transition(1))
    rest = await handed_over(writer, *[Transition(2)] * GROUP_TRANSITIONS * 2)
    with ahead():
        urgent = await handed_over(writer, Transition(3))
    rest += await handed_over(writer, Transition(2))
    with ahead():
        urgent += await handed_over(writer, Transition(4))
    engine.go.set()
    await asyncio.gather(*first, *rest, *urgent)
    assert engine.ats[:2] == [[1], [3, 4]]
    assert engine.urgent == [False, True, False, False, False]
    await writer.close()


async def test_each_caller_gets_the_outcome_of_its_own(writer: Writer, engine: Recorder) -> None:
    engine.go.set()
    found = await asyncio.gather(*(writer.commit(Transition(at)) for at in (1, -1, 2)), return_exceptions=True)
    assert [type(one) for one in found] == [type(None), Conflict, type(None)]
    await writer.close()


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), RuntimeError("a bug")])
async def test_whatever_the_engine_says_every_caller_is_answered(
    writer: Writer, engine: Recorder, error: Exception
) -> None:
    engine.fails = error
    tasks = await handed_over(writer, Transition(1), Transition(2))
    engine.go.set()
    assert await asyncio.gather(*tasks, return_exceptions=True) == [error] * 2
    engine.fails = None
    await writer.commit(Transition(3))  # and the writer goes on
    await writer.close()


async def test_a_caller_that_gave_up_before_its_turn_is_left_out(writer: Writer, engine: Recorder) -> None:
    first = await handed_over(writer, Transition(1))
    (given_up, stays) = await handed_over(writer, Transition(2), Transition(3))
    given_up.cancel()
    await asyncio.sleep(0)
    engine.go.set()
    await asyncio.gather(*first, stays)
    assert engine.groups == [1, 1]
    await writer.close()


async def test_closing_commits_what_is_waiting(writer: Writer, engine: Recorder) -> None:
    waiting = await handed_over(writer, Transition(1), Transition(2))
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    engine.go.set()
    await closing
    assert [task.exception() for task in waiting] == [None, None]
    assert engine.closed
    await writer.close()  # a second time does nothing


async def test_a_real_store_keeps_what_many_callers_commit_at_once(opened: Opened) -> None:
    store = await opened()
    await asyncio.gather(*(store.commit(nonce(str(n))) for n in range(500)))
    (row,) = await store.rows(select(func.count().label("n")).select_from(nonces))
    assert row["n"] == 500
    (row,) = await store.rows(select(func.max(audit.c.seq).label("n"), func.min(audit.c.at).label("at")))
    assert (row["n"], row["at"]) == (500, NOW)


BY_PEER = LookUp(select(nonces), nonces.c.peer)


async def test_what_many_look_up_at_one_moment_is_one_question(writer: Writer, engine: Recorder) -> None:
    engine.known = {"nl", "ca"}
    engine.go.set()
    asked = [writer.look_up(BY_PEER, given) for given in (["nl"], ["ca", "nl"], ["de"], [])]
    nl, both, nobody, nothing = await asyncio.gather(*asked)
    assert engine.looked_up == [("nl", "ca", "de")]
    assert nl == {"nl": [{"peer": "nl"}]}
    assert both == {"nl": [{"peer": "nl"}], "ca": [{"peer": "ca"}]}
    assert (nobody, nothing) == ({}, {})


async def test_who_asks_while_a_look_up_is_under_way_gets_an_answer_of_later(writer: Writer, engine: Recorder) -> None:
    early = asyncio.create_task(writer.look_up(BY_PEER, ["nl"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.create_task(writer.look_up(BY_PEER, ["nl"]))
    await asyncio.sleep(0)
    engine.go.set()
    await asyncio.gather(early, late)
    assert engine.looked_up == [("nl",), ("nl",)]


@pytest.mark.parametrize("value", ["nul \0 inside", "half a \ud800 pair"])
async def test_a_value_that_no_row_can_have_fails_its_own_question_only(
    writer: Writer, engine: Recorder, value: str
) -> None:
    engine.known = {"nl"}
    engine.go.set()
    bad, good = await asyncio.gather(
        writer.look_up(BY_PEER, [value]), writer.look_up(BY_PEER, ["nl"]), return_exceptions=True
    )
    assert isinstance(bad, BadInput)
    assert good == {"nl": [{"peer": "nl"}]}


async def test_whoever_stops_waiting_leaves_no_error_behind_that_nobody_reads(
    writer: Writer, engine: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a worker ends because another of its loops heard first, and this one's waiting ends with a failure."""

    async def changed(_since: object, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            raise StoreUnavailable("gone") from None  # a driver that is interrupted half-way

    monkeypatch.setattr(engine, "changed", changed)
    waiting = asyncio.create_task(writer.wait_for_work(1.0, writer.mark()))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await writer.close()
    gc.collect()  # PatientLoop fails the test for what it finds unread
