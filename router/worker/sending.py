"""Sends what is due, a task for each partner's line, so that a slow or dead partner delays no other.

What is urgent stands in a line of its own (`due.Line`): its turn is made beside that of a thousand others, with nothing
else in it, and takes the next place among the partner's calls.

Before anything is claimed, what its sources' daily caps hold is put off, and the partner's row says how much it may get
now: breaker, pace, daily cap, closed hours, and the stops in force. Only then are referrals claimed, urgent first, and
handed to casework.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from router.ahead import ahead
from router.casework.believed import ended_by, heard
from router.casework.case.priority import RANKS
from router.casework.case.quarantine import ALONE, BROKEN, set_referral_aside
from router.casework.context import Context
from router.casework.deliver import send as deliver
from router.casework.deliver.partner_state import spent, standing, tried
from router.casework.deliver.places import Place, Places
from router.casework.deliver.source_cap import CAPPED_RANKS, Caps, PutOff, caps_for, put_off
from router.casework.deliver.stops import Halts, halts
from router.casework.referral.changes import NOTED_BY_CLAIM
from router.delivery.lanes import Grant, Waiting, may_call
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.partners.base import Accepted, Deferred, Outcome, Unknown
from router.store.base import NOTHING, Claim, Row, Transition
from router.store.schema.tables import referrals
from router.worker.due import Line, next_by_line
from schemas.partner import Partner
from schemas.states import ReferralState

#: Most referrals of one line counted and claimed at once; two turns follow each other without a pause. A turn is worked
#: on and committed together, and what is urgent waits for each step of it: with a thousand, four times as long. Turns
#: so short, and a line for what is urgent, cost the bulk about a tenth of the processor time that it takes to deliver.
_MOST = 250
#: Calls that follow each other in one turn: as many as fit into so many seconds, by the turn before. A turn costs its
#: own looks and commits however little it sends; and what it holds is worked on together, before others of the process.
_TURN_SECONDS = 0.25
#: Which ranks make up each lane of a grant: rank 0 is a child at risk, whatever the lane.
_LANES = {"urgent": (0, 1), "normal": (2,), "bulk": (3,)}
#: What has not begun, and what is half done: asked apart where a dialect has steps (`casework/deliver/progress`).
_FRESH, _BEGUN = referrals.c.progress_step.is_(None), referrals.c.progress_step.is_not(None)
#: What is half done is claimed after what is urgent, and before what else has not begun; by its rank too.
_CLAIMED = {"urgent": _LANES["urgent"], "begun": RANKS, "normal": _LANES["normal"], "bulk": _LANES["bulk"]}
#: Seconds until a partner whose turn failed is looked at again.
_PAUSE = 1.0
#: No turn lasts longer than so many calls: it takes back, traces anew and sends, each with a deadline of its own. One
#: that hung would keep its partner from ever getting anything again.
_TURN_CALLS = 10
_SENDABLE = (ReferralState.WAITING, ReferralState.SENDING)
_APART = (ReferralState.HELD, ReferralState.RECALL_PENDING, ReferralState.WITHDRAWING)
_MICROS = 1_000_000


@dataclass(slots=True)
class Sending:
    """The sending half of a worker."""

    ctx: Context
    _running: dict[Line, asyncio.Task[int]] = field(default_factory=dict)
    _again: dict[Line, int] = field(default_factory=dict)
    _looked: int = 0  #: when partners were looked at last
    suspects_from: float = 0.0  #: by the loop's clock; a worker that has just begun takes none
    _suspect_next: set[Line] = field(default_factory=set)  #: lines whose last turn was one in company
    _rounds: dict[Line, int] = field(default_factory=dict)  #: how many calls follow each other in a line's next turn
    _places: dict[str, Places] = field(default_factory=dict)  #: each partner's, for both of its lines

    @property
    def takes_suspects(self) -> bool:
        """Tell whether this worker has lived long enough to be trusted with them."""
        return asyncio.get_running_loop().time() >= self.suspects_from

    async def turn(self) -> int:
        """Send what is due now and wait until it is settled; return how much there was."""
        await self.start(await next_by_line(self.ctx.store))
        return sum(await asyncio.gather(*self._running.values())) if self._running else 0

    async def start(self, due: Mapping[Line, int]) -> None:
        """Start a task for each line that has something due (`next_by_line`) and none running, urgent ones first."""
        now = self.ctx.now()
        if now < self._looked:  # the clock was set back: what it said of later would keep partners waiting till then
            self._again.clear()
        self._looked = now
        self._running = {line: task for line, task in self._running.items() if not task.done()}
        for line, at in sorted(due.items(), key=lambda one: not one[0].urgent):
            if at <= now and line not in self._running and self._again.get(line, 0) <= now:
                task = asyncio.create_task(self._guarded(line), name=f"send-{line.partner}")
                task.add_done_callback(lambda _: self.ctx.store.wake())  # what came meanwhile was passed over
                self._running[line] = task

    def next_due(self, due: Mapping[Line, int]) -> int | None:
        """Return when a line comes due that is not being sent already."""
        idle = {line: at for line, at in due.items() if line not in self._running}
        return min((max(at, self._again.get(line, 0)) for line, at in idle.items()), default=None)

    async def finish(self) -> None:
        """Wait until every attempt under way is settled."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _guarded(self, line: Line) -> int:
        try:
            async with asyncio.timeout(_TURN_CALLS * self.ctx.call_seconds):
                with ahead(urgent=line.urgent):
                    return await self._line(line)
        except RouterError as error:
            get_log("worker.sending").warning("sending_failed", partner=line.partner, code=error.code)
        except Exception as error:  # noqa: BLE001 - one partner's trouble stays its own; the leases run out
            get_log("worker.sending").warning(
                "sending_broke", partner=line.partner, error=type(error).__name__, exc_info=error
            )
        self._wait(line, None)
        return 0

    async def _line(self, line: Line) -> int:
        partner = (await self.ctx.governance.directory()).named(line.partner)
        if partner is None or partner.dialect not in self.ctx.dialects:
            self._wait(line, None)  # the case's own date brings what waits to the desk
            return await self._apart(line)
        if line.urgent:  # it leaves before anything is taken back, which is looked for among all that is
            return await self._send(line, partner) or await self._apart(line)
        return await self._apart(line) + await self._send(line, partner)

    async def _send(self, line: Line, partner: Partner) -> int:
        stopped = await halts(self.ctx)
        halted = stopped.partner(partner.name)
        caps = None if halted else await caps_for(self.ctx, partner.name)
        off = None if caps is None else await put_off(self.ctx, caps, self._due(partner.name, stopped), line.ranks)
        bundle = self.ctx.dialects[partner.dialect].bundle_of(partner)
        suspect, waiting, before = await self._next(line, partner, stopped, off)
        # Read as late as can be: two workers of one partner spend the same row, and one of them must look again.
        known = await standing(self.ctx, partner.name)
        now = self.ctx.now()
        rounds = self._rounds.get(line, 1)
        limits = {"bundle": bundle, "rounds": rounds, "before": before}
        grant = may_call(known.state, partner.pace, waiting, now, **limits, stopped=halted)
        late = 0 if off is None else off.late
        if grant.total == 0:
            if not late:  # else once more at once: what may leave stands behind what was put off
                self._wait(line, grant.again_at)
            return late
        spending, after = spent(self.ctx, known, partner.pace, grant)
        due = self._due(partner.name, stopped, suspect=suspect)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        steps = bool(self.ctx.dialects[partner.dialect].steps)
        try:
            rows = await self._claim(line, due, grant, caps, spending, steps=steps)
        except Conflict:
            return late + await self._send(line, partner)  # who spent it, the other line or a worker, got on
        until = begun + deliver.lease(self.ctx)
        places = self._places_at(partner)
        place = places.for_urgent if line.urgent else places.for_rest
        send = self._alone if suspect else partial(deliver.run, self.ctx)
        calls = await send(partner, rows, until, place)
        self._learn(line, partner, calls, loop.time() - begun)
        ahead = self.ctx.dialects[partner.dialect].clock_ahead(partner.name)
        await tried(self.ctx, after if rows else known, calls, ahead)
        if any(isinstance(one, Accepted) for call in calls for one in call):
            await heard(self.ctx, ahead)
        return len(rows) + late

    def _learn(self, line: Line, partner: Partner, calls: list[list[Outcome]], seconds: float) -> None:
        """Let the next turn be as long as it may be, and one round long after anything that failed or was put off."""
        made = -(-len(calls) // partner.pace.in_flight)
        fits = int(_TURN_SECONDS * made / seconds) if seconds else made
        failed = any(isinstance(one, Deferred | Unknown) for call in calls for one in call)
        in_a_call = self.ctx.dialects[partner.dialect].bundle_of(partner)
        longest = max(1, _MOST // (partner.pace.in_flight * in_a_call))
        self._rounds[line] = 1 if failed else max(1, min(fits, 2 * made, longest))

    async def _alone(self, partner: Partner, rows: list[Row], until: float, place: Place) -> list[list[Outcome]]:
        """Send what was claimed before without an outcome: its fault stays its own, and in the end people look."""
        if not rows:
            return []
        (row,) = rows
        try:
            if row["claims"] <= BROKEN:
                return await deliver.run(self.ctx, partner, [row], until, place)
            await set_referral_aside(self.ctx, row)
        except Conflict:
            return []  # staff were faster
        except Exception as error:  # noqa: BLE001 - one broken referral must not stop the others; the claim counts
            get_log("worker.sending").warning(
                "referral_broke", referral=row["id"], error=type(error).__name__, exc_info=error
            )
        return []

    async def _next(
        self, line: Line, partner: Partner, stopped: Halts, off: PutOff | None
    ) -> tuple[bool, Waiting, int]:
        """Return whether this turn is a suspect's, what waits for it, and how many in the urgent line before it.

        Suspects take turns with all the others. Counted up to what one turn can take.
        """
        name, dialect = partner.name, self.ctx.dialects[partner.dialect]
        most = min(_MOST, partner.pace.in_flight * self._rounds.get(line, 1) * dialect.bundle_of(partner))
        steps = bool(dialect.steps)
        suspect = self.takes_suspects and line in self._suspect_next
        waiting, before = await self._waiting(line, self._due(name, stopped, suspect=suspect), off, most, steps=steps)
        if waiting == Waiting() and self.takes_suspects:
            suspect = not suspect
            due = self._due(name, stopped, suspect=suspect)
            waiting, before = await self._waiting(line, due, off, most, steps=steps)
        (self._suspect_next.discard if suspect else self._suspect_next.add)(line)
        return suspect, waiting.first() if suspect else waiting, before

    async def _waiting(
        self, line: Line, due: ColumnElement[bool], off: PutOff | None, most: int, *, steps: bool
    ) -> tuple[Waiting, int]:
        """Count what is due: all ranks in one look, a seek in an index each; where there are steps, the begun apart."""
        looks = {f"n{rank}": and_(due, referrals.c.rank == rank, _FRESH if steps else true()) for rank in RANKS}
        looks |= {f"b{rank}": and_(due, referrals.c.rank == rank, _BEGUN) for rank in line.ranks if steps}
        firsts = {name: select(referrals.c.id).where(look).limit(most).subquery() for name, look in looks.items()}
        counts = [select(func.count()).select_from(one).scalar_subquery().label(name) for name, one in firsts.items()]
        (row,) = await self.ctx.store.rows(select(*counts))
        found = {rank: int(row[f"n{rank}"]) for rank in line.ranks}
        if off is not None:  # what is over a cap and not put off yet is not to be counted against the partner's own
            found |= {rank: min(found[rank], off.room.get(rank, 0)) for rank in CAPPED_RANKS if rank in found}
        lanes = {lane: sum(found.get(rank, 0) for rank in ranks) for lane, ranks in _LANES.items()}
        begun = sum(int(row[f"b{rank}"]) for rank in line.ranks if steps)
        before = 0 if line.urgent else sum(int(row[f"n{rank}"]) for rank in _LANES["urgent"])
        return Waiting(**lanes, begun=begun), before

    def _due(self, name: str, stopped: Halts, *, suspect: bool | None = None) -> ColumnElement[bool]:
        now = self.ctx.now()
        where = and_(
            referrals.c.partner == name,
            referrals.c.state.in_(_SENDABLE),
            referrals.c.next_at <= now,
        )
        if suspect is not None:
            where = and_(where, referrals.c.claims >= ALONE if suspect else referrals.c.claims < ALONE)
        return and_(where, referrals.c.route.not_in(stopped.routes)) if stopped.routes else where

    async def _claim(
        self,
        line: Line,
        due: ColumnElement[bool],
        grant: Grant,
        caps: Caps | None,
        spending: Transition,
        *,
        steps: bool,
    ) -> list[Row]:
        """Claim what was granted; the first that claims anything spends the grant, in the same commit."""
        rows: list[Row] = []
        for lane, ranks in _CLAIMED.items():
            wanted = getattr(grant, lane)
            which = (_BEGUN if lane == "begun" else _FRESH) if steps else true()
            for rank in ranks:  # one by one: an index gives one rank in order, several only by sorting all that is due
                if wanted and rank in line.ranks:
                    claim = self._claim_of(and_(due, which), rank, wanted, caps)
                    taken = await self.ctx.store.claim(claim, NOTHING if rows else spending)
                    wanted -= len(taken)
                    rows += taken
        return rows

    def _claim_of(self, due: ColumnElement[bool], rank: int, limit: int, caps: Caps | None) -> Claim:
        lease = deliver.lease(self.ctx)
        where = and_(due, referrals.c.rank == rank)
        until = self.ctx.now() + round(lease * _MICROS)
        values = {"state": ReferralState.SENDING, "next_at": until, **NOTED_BY_CLAIM}
        quota = caps.quota if caps is not None and rank in CAPPED_RANKS else None
        if quota is not None:
            values["counted_on"] = quota.day
        return Claim(referrals, where, (referrals.c.next_at,), limit, self.ctx.owner, lease, values, quota)

    async def _apart(self, line: Line) -> int:
        """Do what is due and is no sending: let go what was held until now, and take back what staff recalled."""
        due = self._due_apart(line, await halts(self.ctx), await ended_by(self.ctx))
        found = await self.ctx.store.rows(select(referrals).where(due).limit(_MOST))
        for row in found:
            if row["state"] == ReferralState.HELD:
                await deliver.release(self.ctx, row)
            elif row["state"] == ReferralState.RECALL_PENDING:
                await deliver.abandoned(self.ctx, row)
        if any(row["state"] == ReferralState.WITHDRAWING for row in found):
            await self._withdraw(line)
        if found:
            self._again.pop(line, None)  # what was let go may leave
        return len(found)

    async def _withdraw(self, line: Line) -> None:
        """Claim and tell the partner. Stops and directory are read again: to let go of many takes its time."""
        lease = deliver.lease(self.ctx)
        due = self._due_apart(line, await halts(self.ctx), await ended_by(self.ctx))
        until = {"next_at": self.ctx.now() + round(lease * _MICROS)}
        where = and_(due, referrals.c.state == ReferralState.WITHDRAWING)
        claim = Claim(referrals, where, (referrals.c.next_at,), _MOST, self.ctx.owner, lease, until)
        if rows := await self.ctx.store.claim(claim):
            partner = (await self.ctx.governance.directory()).named(line.partner)
            await deliver.withdraw(self.ctx, partner, rows)

    def _due_apart(self, line: Line, stopped: Halts, over: int) -> ColumnElement[bool]:
        """The states stand here as they stand in the index `referral_apart`, or it would not serve.

        What is stopped is not taken back either, since a partner is called for that; it is let go from its hold, whose
        date has come by `over`, in microseconds.
        """
        apart = and_(referrals.c.state.in_(_APART), referrals.c.rank.in_(line.ranks))
        due = and_(referrals.c.partner == line.partner, apart, referrals.c.next_at <= self.ctx.now())
        held = and_(referrals.c.state == ReferralState.HELD, referrals.c.next_at <= over)
        due = and_(due, or_(referrals.c.state != ReferralState.HELD, held))
        if stopped.partner(line.partner):
            return and_(due, held)
        return and_(due, or_(held, referrals.c.route.not_in(stopped.routes))) if stopped.routes else due

    def _places_at(self, partner: Partner) -> Places:
        """Return its places, which are made anew when its pace says another number."""
        known = self._places.get(partner.name)
        if known is None or known.count != partner.pace.in_flight:
            known = self._places[partner.name] = Places(partner.pace.in_flight)
        return known

    def _wait(self, line: Line, until: int | None) -> None:
        self._again[line] = until if until is not None else self.ctx.now() + round(_PAUSE * _MICROS)
