"""Moves cases on, a line for those that are urgent beside one for the rest, so that none of either waits for the other.

No more is claimed while so many new ones are at hand: opened, judged, decided or waiting for their commit, and not for
a name server's answer. What is urgent would stand behind each of them, whenever it has to wait for something.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import and_, not_, or_

from router.ahead import ahead
from router.casework.believed import ended_by, is_believed
from router.casework.case.priority import URGENT
from router.casework.case.quarantine import ALONE, BROKEN, set_aside
from router.casework.context import Context, Tracer
from router.casework.decide.at_once import together
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.store.base import Claim, Row
from router.store.schema.tables import cases
from router.worker.due import IDLE, REST, cases_due, until
from router.worker.steps import advance
from schemas.locator import Locator
from schemas.states import CaseState
from schemas.trace import Trace

#: What is worked on whatever the clock says: it waits for nothing but us.
_NEW = (CaseState.RECEIVED, CaseState.LOCATED)
#: Cases of one line claimed at once, and how many are worked on side by side: each lasts as long as its name server.
_CASES, _AT_ONCE = 256, 4096
#: Nothing more is claimed for a line while more than so many new ones of it are at hand: while one batch is committed,
#: the next one is worked on. What is followed up asks partners, too, and waits for them: it is not counted.
AT_HAND: Final = 256
#: A claimed case belongs to its worker for so many calls' length: tracing and asking partners have deadlines below it.
_LEASE_CALLS = 4
_MICROS = 1_000_000
#: Seconds between two looks for cases that may have ended the worker that had them: they come seldom.
SELDOM: Final = 0.25


@dataclass(slots=True)
class _Counted:
    """A tracer that knows how many of its traces are under way."""

    tracer: Tracer
    told: Callable[[], None]  #: called when one begins
    under_way: int = 0

    async def trace(self, locator: Locator, **how: Any) -> Trace:
        self.under_way += 1
        self.told()
        try:
            return await self.tracer.trace(locator, **how)
        finally:
            self.under_way -= 1

    def offline(self, locator: Locator) -> Trace:
        return self.tracer.offline(locator)


@dataclass(slots=True)
class Moving:
    """One line of a worker's cases."""

    ctx: Context
    ranks: range  #: of the cases in it
    takes_suspects: Callable[[], bool] = lambda: False  #: whether this line takes them now, of whatever rank they are
    _traces: _Counted = field(init=False)  #: of new cases
    _near: Context = field(init=False)  #: what new cases are worked on with
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _moving: int = 0  #: cases that are worked on
    _new: int = 0  #: those of them that are new
    _moved: asyncio.Event = field(default_factory=asyncio.Event)  #: fewer are at hand
    _suspected: asyncio.Task[None] | None = None
    _suspects_at: float = 0.0  #: when suspects are looked for again, by the loop's clock

    def __post_init__(self) -> None:
        self._traces = _Counted(self.ctx.tracer, self._moved.set)
        self._near = replace(self.ctx, tracer=self._traces)

    async def turn(self) -> int:
        """Do everything of the line that is due now, once, and wait for it; return how much there was."""
        rows = await self.claim(_CASES, await cases_due(self.ctx.store, self.ranks))
        await self.together(rows)
        if not self.takes_suspects():
            return len(rows)
        suspects = await self.claim(1, await cases_due(self.ctx.store), suspects=True)
        await self.alone(suspects)
        return len(rows) + len(suspects)

    async def move(self) -> float:
        """Start the steps of due cases; return how long to wait."""
        due = await cases_due(self.ctx.store, self.ranks)
        room = self._room()
        rows = await self.claim(room, due) if room > 0 else []
        if rows:
            self._start(self.together(rows))
        if self._looks_for_suspects():
            suspects = await self.claim(1, await cases_due(self.ctx.store), suspects=True)
            self._suspected = self._start(self.alone(suspects)) if suspects else None
            rows += suspects
        if room <= 0:
            while self._room() <= 0:
                self._moved.clear()
                await self._moved.wait()
            return 0.0
        if rows or await is_believed(self.ctx):
            return 0.0 if rows else until(min(due.values(), default=None), self.ctx.now())
        return IDLE  # what is due by this clock is not due

    async def finish(self) -> None:
        """Wait until every step under way is done."""
        await asyncio.gather(*self._busy, return_exceptions=True)

    def _room(self) -> int:
        """Return how many cases may be claimed now."""
        if self._new - self._traces.under_way > AT_HAND:
            return 0
        return min(_CASES, _AT_ONCE - self._moving)

    def _looks_for_suspects(self) -> bool:
        now = asyncio.get_running_loop().time()
        busy = self._suspected is not None and not self._suspected.done()
        if not self.takes_suspects() or busy or (self._suspected is None and now < self._suspects_at):
            return False
        self._suspects_at = now + SELDOM
        return True

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def claim(self, limit: int, due: Mapping[int, int], *, suspects: bool = False) -> list[Row]:
        """Claim due cases, rank by rank; the claim moves their date, so that they are not due while leased.

        `due` is when the first of each rank comes due (`cases_due`).
        """
        now, over = self.ctx.now(), await ended_by(self.ctx)
        lease = _LEASE_CALLS * self.ctx.call_seconds
        rows: list[Row] = []
        suspect = cases.c.claims >= ALONE
        for rank in sorted(rank for rank, at in due.items() if at <= now):
            where = and_(cases.c.rank == rank, cases.c.next_at.is_not(None), cases.c.next_at <= now)
            where = and_(where, suspect if suspects else not_(suspect))
            if over < now:  # what comes due by its date rests; what is new goes on
                where = and_(where, or_(cases.c.state.in_(_NEW), cases.c.next_at <= over))
            values = {"next_at": now + round(lease * _MICROS)}
            wanted = limit - len(rows)
            if wanted:
                order = (cases.c.claims, cases.c.next_at) if suspects else (cases.c.next_at,)
                claim = Claim(cases, where, order, wanted, self.ctx.owner, lease, values)
                with ahead(urgent=rank in URGENT):
                    rows += await self.ctx.store.claim(claim)
        return rows

    async def together(self, rows: list[Row]) -> None:
        """Run the steps of claimed cases side by side; what is received is opened with its batch."""
        self._begin(rows)
        ends = self._before_lease_ends()
        received = [row for row in rows if row["state"] == CaseState.RECEIVED]
        free = await together(self.ctx, received) if received else {}
        steps = [(row, partial(advance, self._with(row), row, free.get(row["id"]))) for row in rows]
        await self._steps(steps, ends)

    async def alone(self, rows: list[Row]) -> None:
        """Run the steps of suspects, one after the other."""
        for row in rows:
            self._begin([row])
            act = partial(advance if row["claims"] <= BROKEN else set_aside, self._with(row), row)
            await self._steps([(row, act)], self._before_lease_ends())

    def _before_lease_ends(self) -> float:
        """Return when what was claimed just now is given up, by the loop's clock: none runs here that others claim."""
        return asyncio.get_running_loop().time() + (_LEASE_CALLS - 1 / 2) * self.ctx.call_seconds

    async def _steps(self, steps: Sequence[tuple[Row, Callable[[], Awaitable[None]]]], ends: float) -> None:
        """Run the steps of these rows side by side, until that moment."""
        if not steps:
            return
        tasks = {asyncio.create_task(self._step(row, act)): row for row, act in steps}
        for task, row in tasks.items():
            task.add_done_callback(partial(self._is_done, row))
        _, hung = await asyncio.wait(tasks, timeout=max(0.0, ends - asyncio.get_running_loop().time()))
        for task in hung:
            task.cancel()
            get_log("worker").warning("step_hung", case=tasks[task]["id"], state=tasks[task]["state"])
        await asyncio.gather(*hung, return_exceptions=True)

    def _with(self, row: Row) -> Context:
        return self._near if row["state"] in _NEW else self.ctx

    def _begin(self, rows: Sequence[Row]) -> None:
        self._moving += len(rows)
        self._new += sum(row["state"] in _NEW for row in rows)

    def _is_done(self, row: Row, _: object) -> None:
        self._moving -= 1
        self._new -= row["state"] in _NEW
        self._moved.set()

    async def _step(self, row: Row, act: Callable[[], Awaitable[None]]) -> None:
        """Run one step. Whatever fails leaves the claim to run out: claimed again it counts, and ends on the desk."""
        try:
            with ahead(urgent=row["rank"] in URGENT):
                await act()
        except Conflict:
            return  # staff were faster
        except RouterError as error:
            get_log("worker").warning("step_failed", case=row["id"], state=row["state"], code=error.code)
        except Exception as error:  # noqa: BLE001 - one broken case must not stop the others; it ends on the desk
            get_log("worker").warning(
                "step_broke", case=row["id"], state=row["state"], error=type(error).__name__, exc_info=error
            )


def lines(ctx: Context, takes_suspects: Callable[[], bool]) -> tuple[Moving, Moving]:
    """Return the two lines, the urgent one first. One of them takes suspects, one at a time in the whole process."""
    return Moving(ctx, URGENT), Moving(ctx, REST, takes_suspects)
