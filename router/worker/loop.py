"""The worker's loops: two move cases, one sends, one keeps the books. The first three wait until something is due."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from router.casework.believed import beat, doubt
from router.casework.context import Context
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
from router.errors import CannotStart, Conflict, StoreLost, StoreUnavailable
from router.guard.log import get_log
from router.worker.asking import Asking
from router.worker.due import next_by_line, until
from router.worker.future_dates import put_right
from router.worker.moving import SELDOM, Moving, lines
from router.worker.pulling import Pulling
from router.worker.restoring import Restoring
from router.worker.ringing import Ringing
from router.worker.sending import Sending
from router.worker.telling import Telling

_MICROS = 1_000_000
#: Seconds that a worker lives before it takes suspects: what ends it sooner is not their doing, and must not count.
_PROBATION = 2.0
#: Seconds between two looks whether a hub gives work to us, where none does; and the shortest pause where one does.
_NO_INBOX, _PULL = 60.0, 0.2
#: Seconds between two looks, and how many may follow each other at once after a rest: a busy worker commits hundreds of
#: times a second; one that was idle looks again at once after each step of what came.
_GATHER, _AT_A_TIME = 0.01, 4
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
    urgent: Moving = field(init=False)
    rest: Moving = field(init=False)
    sending: Sending = field(init=False)
    ringing: Ringing = field(init=False)
    pulling: Pulling = field(init=False)
    telling: Telling = field(init=False)
    asking: Asking = field(init=False)
    restoring: Restoring = field(init=False)
    _released: bool = False  #: the store is not paused: nothing pauses it while it is open
    _put_right: int | None = None  #: how often the clock had been set back when dates were last looked at
    _reminded: int = 0  #: when partners were reminded last, in microseconds
    _doubted: bool = False  #: the clock, when books were last kept
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.sending = Sending(self.ctx)
        self.urgent, self.rest = lines(self.ctx, lambda: self.sending.takes_suspects)
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
                loops.create_task(self._loop(self.urgent.move), name="worker-urgent")
                loops.create_task(self._loop(self.rest.move), name="worker-cases")
                loops.create_task(self._loop(self._send), name="worker-sending")
                loops.create_task(self._loop(self._keep), name="worker-keeping")
                loops.create_task(self._loop(self._ring, SELDOM), name="worker-ringing")
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
        return await self.urgent.turn() + await self.rest.turn() + await self.sending.turn()

    async def _finish(self) -> None:
        await asyncio.gather(self.urgent.finish(), self.rest.finish())
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

    async def _send(self) -> float:
        due = await next_by_line(self.ctx.store)
        await self.sending.start(due)
        return until(self.sending.next_due(due), self.ctx.now())

    async def _ring(self) -> float:
        """Ring what is due; an alarm's failure is its own, and keeps no case and no referral waiting."""
        return 0.0 if await self.ringing.turn() else until(await self.ringing.next_due(), self.ctx.now())

    async def _pull(self) -> float:
        """Read the inboxes of hubs; who gives no work to us costs a look a minute."""
        await self.pulling.turn()
        due = await self.pulling.next_due()
        await self._pause(_NO_INBOX if due is None else max(until(due, self.ctx.now()), _PULL))
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

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return


def _next_look(looks: Sequence[float], apart: float) -> float:
    """Return from when on a loop may look again that looked at these moments last, the latest of them at the end."""
    return min(looks[-1] + apart, looks[0] + apart * len(looks))
