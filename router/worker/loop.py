"""The worker's loops: one moves cases, one sends, one keeps the books. The first two wait until something is due."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any

from sqlalchemy import and_, not_, or_

from router.casework.believed import beat, doubt, ended_by, is_believed
from router.casework.case.priority import RANKS
from router.casework.case.quarantine import ALONE, BROKEN, set_aside
from router.casework.context import Context
from router.casework.decide.at_once import together
from router.casework.deliver.held import go_on
from router.casework.deliver.stops import ring_for_held
from router.casework.follow_up import letters, silent
from router.casework.follow_up.after_restore import asked
from router.casework.follow_up.remind import remind_by_itself
from router.casework.govern.audit_letter import post_root
from router.casework.govern.paused import paused
from router.casework.govern.rotate import retire
from router.casework.govern.second_person import end_what_is_over
from router.casework.retention.expired import forget
from router.errors import CannotStart, Conflict, RouterError, StoreLost, StoreUnavailable
from router.guard.log import get_log
from router.store.base import Claim, Row
from router.store.schema.tables import cases
from router.worker.asking import Asking
from router.worker.due import cases_due, next_by_line
from router.worker.future_dates import put_right
from router.worker.pulling import Pulling
from router.worker.restoring import Restoring
from router.worker.ringing import Ringing
from router.worker.sending import Sending
from router.worker.steps import advance
from router.worker.telling import Telling
from schemas.states import CaseState

#: What is worked on whatever the clock says: it waits for nothing but us.
_NEW = (CaseState.RECEIVED, CaseState.LOCATED)
#: Cases claimed at once, and how many are worked on side by side: each lasts as long as its name server takes.
_CASES, _AT_ONCE = 256, 4096
#: A claimed case belongs to its worker for so many calls' length: tracing and asking partners have deadlines below it.
_LEASE_CALLS = 4
_MICROS = 1_000_000
#: Seconds that a worker lives before it takes suspects: what ends it sooner is not their doing, and must not count.
_PROBATION = 2.0
#: Seconds between two looks at an idle store, and the shortest wait; other processes' commits end a wait earlier.
_IDLE, _SOON = 1.0, 0.02
#: Seconds between two looks whether a hub gives work to us, where none does; and the shortest pause where one does.
_NO_INBOX, _PULL = 60.0, 0.2
#: Seconds between two looks, and how many may follow each other at once after a rest: a busy worker commits hundreds of
#: times a second; one that was idle looks again at once after each step of what came.
_GATHER, _AT_A_TIME = 0.01, 4
#: The same for what comes seldom: alarms, and cases that may have ended the worker that had them.
_SELDOM = 0.25
#: Between two times that partners are reminded, in microseconds.
_REMIND = 3600 * _MICROS
#: Seconds between two rounds of keeping the books.
_KEEP = 15.0
#: Seconds between two looks whether a router that was put back from a backup was released.
_PAUSED = 1.0
#: Seconds to wait after the store could not serve.
_AWAY = 2.0


@dataclass(slots=True)
class Worker:
    """One worker over a context."""

    ctx: Context
    sending: Sending = field(init=False)
    ringing: Ringing = field(init=False)
    pulling: Pulling = field(init=False)
    telling: Telling = field(init=False)
    asking: Asking = field(init=False)
    restoring: Restoring = field(init=False)
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _moving: int = 0  #: cases that are worked on
    _moved: asyncio.Event = field(default_factory=asyncio.Event)  #: one of them is done
    _suspected: asyncio.Task[None] | None = None
    _suspects_at: float = 0.0  #: when suspects are looked for again, by the loop's clock
    _released: bool = False  #: the store is not paused: nothing pauses it while it is open
    _put_right: int | None = None  #: how often the clock had been set back when dates were last looked at
    _reminded: int = 0  #: when partners were reminded last, in microseconds
    _doubted: bool = False  #: the clock, when books were last kept
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.sending = Sending(self.ctx)
        self.ringing = Ringing(self.ctx)
        self.pulling = Pulling(self.ctx)
        self.telling = Telling(self.ctx)
        self.asking = Asking(self.ctx)
        self.restoring = Restoring(self.ctx)

    async def run(self) -> None:
        """Work until `stop`; attempts under way are finished. A store that is away is waited for.

        Raise CannotStart when another process has brought in a newer schema: this program must not touch it any more;
        StoreLost when the database's files were removed or replaced: nothing would be kept.
        """
        self.sending.suspects_from = asyncio.get_running_loop().time() + _PROBATION
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._loop(self._move), name="worker-cases")
                loops.create_task(self._loop(self._send), name="worker-sending")
                loops.create_task(self._loop(self._keep), name="worker-keeping")
                loops.create_task(self._loop(self._ring, _SELDOM), name="worker-ringing")
                loops.create_task(self._loop(self._pull), name="worker-pulling")
                loops.create_task(self._loop(self._told), name="worker-telling")
                loops.create_task(self._loop(self._ask), name="worker-asking")
                loops.create_task(self._before_release(), name="worker-restoring")
        except ExceptionGroup as ended:
            await self._finish()
            raise ended.exceptions[0] from None
        await self._finish()

    def stop(self) -> None:
        """End both loops after what they are doing."""
        self._stopped.set()

    async def turn(self) -> int:
        """Do everything that is due now, once, and wait for it; return how much there was. None while it is paused."""
        if not await self._may_work():
            await self.restoring.turn()
            return 0
        rows = await self._claim(_CASES, await cases_due(self.ctx.store))
        await self._together(rows)
        suspects = await self._claim(1, await cases_due(self.ctx.store), suspects=True)
        await self._alone(suspects)
        return len(rows) + len(suspects) + await self.sending.turn()

    async def _finish(self) -> None:
        await asyncio.gather(*self._busy, return_exceptions=True)
        await self.sending.finish()

    async def _loop(self, act: Any, apart: float = _GATHER) -> None:
        now = asyncio.get_running_loop().time
        looks = deque([-inf] * _AT_A_TIME, maxlen=_AT_A_TIME)
        while not self._stopped.is_set():
            try:
                if not await self._may_work():
                    await self._pause(_PAUSED)
                    continue
                mark = self.ctx.store.mark()
                looks.append(now())
                wait = await act()
                if wait > 0:
                    await self.ctx.store.wait_for_work(wait, mark)
                    await asyncio.sleep(_next_look(looks, apart) - now())
            except StoreLost:
                raise
            except StoreUnavailable:
                get_log("worker").warning("store_unavailable", retry_after=_AWAY)
                await self._pause(_AWAY)
            except CannotStart:
                raise
            except Exception as error:  # noqa: BLE001 - a worker that ends in silence takes every report with it
                get_log("worker").error("loop_broke", error=type(error).__name__, exc_info=error)
                await self._pause(_AWAY)

    async def _may_work(self) -> bool:
        """Tell whether anything may be done at all: not in a router that was put back, until two people release it."""
        if not self._released:
            self._released = await paused(self.ctx.store) is None
        return self._released

    async def _before_release(self) -> None:
        """Ask what became of what left after the backup; once the router was released this loop is over."""
        while not self._stopped.is_set():
            try:
                if await self._may_work():
                    return
                await self._pause(0.0 if await self.restoring.turn() else _PAUSED)
            except StoreUnavailable:
                await self._pause(_AWAY)
            except Conflict:
                continue  # another process does it too
            except Exception as error:  # noqa: BLE001 - who is to release the router needs one that runs
                get_log("worker").error("loop_broke", error=type(error).__name__, exc_info=error)
                await self._pause(_AWAY)

    async def _move(self) -> float:
        """Start the steps of due cases; return how long to wait."""
        room = min(_CASES, _AT_ONCE - self._moving)
        due = await cases_due(self.ctx.store)
        rows = await self._claim(room, due) if room > 0 else []
        if rows:
            self._start(self._together(rows))
        if self._looks_for_suspects():
            suspects = await self._claim(1, due, suspects=True)
            self._suspected = self._start(self._alone(suspects)) if suspects else None
            rows += suspects
        if room <= 0:
            self._moved.clear()
            await self._moved.wait()
            return 0.0
        if rows or await is_believed(self.ctx):
            return 0.0 if rows else self._until(min(due.values(), default=None))
        return _IDLE  # what is due by this clock is not due

    def _looks_for_suspects(self) -> bool:
        now = asyncio.get_running_loop().time()
        busy = self._suspected is not None and not self._suspected.done()
        if not self.sending.takes_suspects or busy or (self._suspected is None and now < self._suspects_at):
            return False
        self._suspects_at = now + _SELDOM
        return True

    async def _send(self) -> float:
        due = await next_by_line(self.ctx.store)
        await self.sending.start(due)
        return self._until(self.sending.next_due(due))

    async def _ring(self) -> float:
        """Ring what is due; an alarm's failure is its own, and keeps no case and no referral waiting."""
        return 0.0 if await self.ringing.turn() else self._until(await self.ringing.next_due())

    async def _pull(self) -> float:
        """Read the inboxes of hubs; who gives no work to us costs a look a minute."""
        await self.pulling.turn()
        due = await self.pulling.next_due()
        await self._pause(_NO_INBOX if due is None else max(self._until(due), _PULL))
        return 0.0

    async def _told(self) -> float:
        """Tell sources of their reports."""
        if not await self.telling.turn():
            await self._pause(await self.telling.pause())
        return 0.0

    async def _ask(self) -> float:
        """Ask partners in rounds what became of referrals."""
        if not await self.asking.turn():
            await self._pause(await self.asking.pause())
        return 0.0

    async def _keep(self) -> float:
        await self.keep()
        await self._pause(_KEEP)
        return 0.0

    async def keep(self) -> None:
        """Keep the books once: sign the audit chain, ring for what is held, forget what is over, look up in silence."""
        await self._look_at_the_clock()
        await self.ctx.store.checkpoint(self.ctx.now())
        await post_root(self.ctx)
        await ring_for_held(self.ctx)
        await go_on(self.ctx)
        await forget(self.ctx)
        await end_what_is_over(self.ctx)
        await letters.tell(self.ctx)
        await silent.look_up(self.ctx)
        await self._remind()
        await retire(self.ctx)
        if self.ctx.was_restored:
            await asked(self.ctx, of_lost_cases=True)

    async def _remind(self) -> None:
        """Remind partners by themselves, once an hour: a partner that cannot be told is not called more often."""
        now = self.ctx.now()
        if not 0 <= now - self._reminded < _REMIND:
            self._reminded = now
            await remind_by_itself(self.ctx)

    async def _look_at_the_clock(self) -> None:
        """Keep that it goes on, and put dates right that it wrote while it was ahead."""
        doubted = self._doubted or await doubt(self.ctx) is not None
        await beat(self.ctx)
        self._doubted = await doubt(self.ctx) is not None
        is_over = doubted and not self._doubted
        if self._doubted:  # what seems far off by a clock that is behind is not
            return
        if is_over or self.ctx.clock_set_back() != self._put_right:
            self._put_right = self.ctx.clock_set_back()
            await put_right(self.ctx, after_doubt=is_over)

    def _until(self, due: int | None) -> float:
        if due is None:
            return _IDLE
        return min(_IDLE, max(_SOON, (due - self.ctx.now()) / _MICROS))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def _claim(self, limit: int, due: Mapping[int, int], *, suspects: bool = False) -> list[Row]:
        """Claim due cases, rank by rank; the claim moves their date, so that they are not due while leased.

        `due` is when the first of each rank comes due (`cases_due`).
        """
        now, over = self.ctx.now(), await ended_by(self.ctx)
        lease = _LEASE_CALLS * self.ctx.call_seconds
        rows: list[Row] = []
        suspect = cases.c.claims >= ALONE
        for rank in (rank for rank in RANKS if due.get(rank, now + 1) <= now):
            where = and_(cases.c.rank == rank, cases.c.next_at.is_not(None), cases.c.next_at <= now)
            where = and_(where, suspect if suspects else not_(suspect))
            if over < now:  # what comes due by its date rests; what is new goes on
                where = and_(where, or_(cases.c.state.in_(_NEW), cases.c.next_at <= over))
            until = {"next_at": now + round(lease * _MICROS)}
            wanted = limit - len(rows)
            if wanted:
                order = (cases.c.claims, cases.c.next_at) if suspects else (cases.c.next_at,)
                claim = Claim(cases, where, order, wanted, self.ctx.owner, lease, until)
                rows += await self.ctx.store.claim(claim)
        return rows

    async def _together(self, rows: list[Row]) -> None:
        self._moving += len(rows)
        until = self._before_lease_ends()
        new = [row for row in rows if row["state"] == CaseState.RECEIVED]
        free = await together(self.ctx, new) if new else {}
        await self._steps([(row, partial(advance, self.ctx, row, free.get(row["id"]))) for row in rows], until)

    async def _alone(self, rows: list[Row]) -> None:
        for row in rows:
            self._moving += 1
            act = partial(advance if row["claims"] <= BROKEN else set_aside, self.ctx, row)
            await self._steps([(row, act)], self._before_lease_ends())

    def _before_lease_ends(self) -> float:
        """Return when what was claimed just now is given up, by the loop's clock: none runs here that others claim."""
        return asyncio.get_running_loop().time() + (_LEASE_CALLS - 1 / 2) * self.ctx.call_seconds

    async def _steps(self, steps: Sequence[tuple[Row, Callable[[], Awaitable[None]]]], until: float) -> None:
        """Run the steps of these rows side by side, until that moment."""
        if not steps:
            return
        tasks = {asyncio.create_task(self._step(row, act)): row for row, act in steps}
        for task in tasks:
            task.add_done_callback(self._is_done)
        _, hung = await asyncio.wait(tasks, timeout=max(0.0, until - asyncio.get_running_loop().time()))
        for task in hung:
            task.cancel()
            get_log("worker").warning("step_hung", case=tasks[task]["id"], state=tasks[task]["state"])
        await asyncio.gather(*hung, return_exceptions=True)

    def _is_done(self, _: object) -> None:
        self._moving -= 1
        self._moved.set()

    async def _step(self, row: Row, act: Callable[[], Awaitable[None]]) -> None:
        """Run one step. Whatever fails leaves the claim to run out: claimed again it counts, and ends on the desk."""
        try:
            await act()
        except Conflict:
            return  # staff were faster
        except RouterError as error:
            get_log("worker").warning("step_failed", case=row["id"], state=row["state"], code=error.code)
        except Exception as error:  # noqa: BLE001 - one broken case must not stop the others; it ends on the desk
            get_log("worker").warning(
                "step_broke", case=row["id"], state=row["state"], error=type(error).__name__, exc_info=error
            )

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return


def _next_look(looks: Sequence[float], apart: float) -> float:
    """Return from when on a loop may look again that looked at these moments last, the latest of them at the end."""
    return min(looks[-1] + apart, looks[0] + apart * len(looks))
