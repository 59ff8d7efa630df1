"""What one call of the dialect does for each of its referrals: what belongs together is reported in one.

Whatever has no time left in it, or stands behind one that failed, is left as it is and has its turn soon. So nothing
that the hub did is forgotten because something else went wrong behind it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from router.clock import Clock
from router.errors import BadInput, RouterError
from router.partners.base import Accepted, Deferred, Envelope, Outcome, Progressed, Reason, Refused
from router.partners.iccam import gathering
from router.partners.iccam.connection import Connection
from router.partners.iccam.gathering import Asked
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.kept import progress_of
from router.partners.iccam.standing import Again, Done, Elsewhere, Gathering, Result, Standing
from router.partners.iccam.steps import Reporting
from router.partners.iccam.wire import report_body
from schemas.vocabulary import Urgency

#: Seconds that must be left of a call before another report is begun in it: one cut off is to be looked for.
_ENOUGH: Final = 8.0
#: Calls that a turn of one referral takes, about: by so much those of one report, and what had no time, lie apart.
_CALLS_EACH: Final = 5

_ELSEWHERE: Final = (
    "The hub has report {}, and gave it to {} instead of {}. Ask why; then recall it here and refer it anew, or note"
    " that it was handed over."
)
_HAS_ITS_TURN: Final = "Others went first in this call; it has its turn in a moment."


@dataclass
class OneCall:
    """A call to one hub, which must be over at `until` (the loop's time)."""

    hub: Connection
    clock: Clock
    until: float
    _found: dict[str, Outcome] = field(default_factory=dict)

    async def made(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """Take each referral a turn further, or say why not. Raise as `Dialect.send`, while nothing was done."""
        given = [gathering.asked(one) for one in envelopes]
        # Whether we are let in is known before anybody waits for what goes with it.
        failed = await self.hub.learn(self._calls(urgent=any(_is_urgent(one) for one in given)))
        if failed is not None:
            return [failed] * len(envelopes)
        for place, group in enumerate(self._sayable(self._ready(self._work(given)))):
            if (place and self._left() < _ENOUGH) or not await self._done(group, first=place == 0):
                break
        left = [one for one in given if one.id not in self._found]
        places = dict.fromkeys(gathering.key(one.envelope) for one in left)  # what goes together stays so
        order = {key: place for place, key in enumerate(places, start=1)}
        self._found |= {one.id: self._unchanged(one, order[gathering.key(one.envelope)]) for one in left}
        return [self._found[one.referral_id] for one in envelopes]

    def _work(self, given: Sequence[Asked]) -> list[Sequence[Asked]]:
        """Return what the hub is called for: reports first, what is urgent before what is not."""
        ready = [one for one in given if not self._waits(one)]
        together = gathering.reports(one for one in ready if one.is_to_report)
        groups = [group for group in together if not self._waits_for_its_page(group)]
        groups += [[one] for one in ready if not one.is_to_report]
        return sorted(groups, key=lambda group: not any(_is_urgent(one) for one in group))

    def _waits(self, one: Asked) -> bool:
        """Have one wait for what is reported with it, until its time has come."""
        now, waiting = self.clock.now(), one.gathering
        if one.is_to_gather:
            due = gathering.due_at(one, self.hub.config, now)
            self._found[one.id] = Progressed(progress_of(Gathering(due=due)), gathering.next_look(due, now))
        elif waiting is not None and not waiting.ready and waiting.due > now:
            self._found[one.id] = Progressed(progress_of(waiting), waiting.due)
        return one.id in self._found

    def _waits_for_its_page(self, group: Sequence[Asked]) -> bool:
        """Have a file wait a little longer for its page, which may be decided a moment after it."""
        one, now = group[0], self.clock.now()
        if one.gathering is None or one.is_ready or not gathering.waits_for_its_page(one, one.gathering, now):
            return False
        again = Progressed(progress_of(one.gathering), gathering.next_look(one.gathering.due, now))
        self._found |= {each.id: again for each in group}
        return True

    def _ready(self, work: Sequence[Sequence[Asked]]) -> list[Sequence[Asked]]:
        """Note of the first report that the next call makes it, and let others wait for that.

        So a process that dies leaves a doubt about few, and not about all that it had in its hands.
        """
        ready = [group for group in work if all(one.is_ready for one in group)]
        first = next((group for group in work if group not in ready), ())
        for one in first:
            assert one.gathering is not None
            self._found[one.id] = Progressed(progress_of(one.gathering.model_copy(update={"ready": True})))
        return ready

    def _sayable(self, work: Sequence[Sequence[Asked]]) -> list[Sequence[Asked]]:
        """Leave out of what is reported together whatever the hub cannot take: for people, and it stops no other."""
        words, kept = self.hub.words, list[Sequence[Asked]]()
        for group in work:
            if len(group) == 1:
                kept.append(group)
                continue
            sayable = []
            for one in group:
                try:
                    report_body(one.message, words, self.hub.config.username)
                except BadInput as error:
                    self._found[one.id] = Refused(Reason.REFUSED, error.message)
                else:
                    sayable.append(one)
            kept += [sayable] if group[0] in sayable else [[one] for one in sayable]
        return kept

    async def _done(self, group: Sequence[Asked], *, first: bool) -> bool:
        """Take these a turn further; False when they, and what stands behind them, are left for another call."""
        try:
            self._found |= await (self._together(group) if len(group) > 1 else self._one(group[0]))
        except RouterError:
            if first:
                raise  # nothing was done in this call, so it is said of all
            return False
        return True

    async def _one(self, one: Asked) -> dict[str, Outcome]:
        calls = self._calls(urgent=_is_urgent(one))
        now, result = await self._reporting().advance(
            calls, self.hub.words, one.message, one.standing, in_doubt=one.is_in_doubt
        )
        return {one.id: self._outcome(now, result)}

    async def _together(self, group: Sequence[Asked]) -> dict[str, Outcome]:
        """Report a page with its files. What the hub does not take so, each of them is told by itself."""
        calls = self._calls(urgent=any(_is_urgent(one) for one in group))
        turns = await self._reporting().report(calls, self.hub.words, [one.message for one in group])
        found: dict[str, Outcome] = {}
        for place, (one, (now, result)) in enumerate(zip(group, turns, strict=True)):
            if isinstance(result, Refused):
                alone = Gathering(due=self.clock.now(), alone=True)
                found[one.id] = Progressed(progress_of(alone), self._soon(place))
            elif isinstance(result, Again) and now is not None:
                found[one.id] = Progressed(progress_of(now), self._soon(place))
            else:
                found[one.id] = self._outcome(now, result)
        return found

    def _outcome(self, now: Standing | None, result: Result) -> Outcome:
        """Say what a turn came to. A step that is done, or not shown by the hub yet, is kept before anything else."""
        progress = None if now is None else progress_of(now)
        match result:
            case Done(receipt=receipt):
                return Accepted(receipt, progress)
            case Again(seconds=seconds) if progress is not None:
                return Progressed(progress, self.clock.now() + timedelta(seconds=seconds) if seconds else None)
            case Again(seconds=seconds, text=text):  # it is looked for; the doubt stays
                return Deferred(Reason.LOOKED_FOR, text, seconds, counted=False)
            case Elsewhere(country=country):
                assert now is not None
                if now.content is not None and country not in {None, self.hub.config.country}:
                    # Somebody has it, and the hub tells what they do: reported anew, it would be there twice.
                    return Accepted(f"{now.report}/{now.content}", progress, holder=country)
                holder = "nobody" if country is None else country
                return Refused(Reason.NOT_OURS, _ELSEWHERE.format(now.report, holder, now.target))
            case _:
                return result

    def _unchanged(self, one: Asked, place: int) -> Outcome:
        """Leave one as it is until its turn comes, `place` behind others."""
        kept = one.standing or one.gathering
        if kept is None or one.is_in_doubt:
            return Deferred(Reason.OWN_PACE, _HAS_ITS_TURN, self._apart(place), counted=False)
        return Progressed(progress_of(kept), self._soon(place))

    def _soon(self, place: int) -> datetime | None:
        return self.clock.now() + timedelta(seconds=self._apart(place)) if place else None

    def _apart(self, place: int) -> float:
        return place * _CALLS_EACH / self.hub.config.push_per_second

    def _reporting(self) -> Reporting:
        return Reporting(self.hub.config.username, self.hub.config.country, self.clock, self.hub.searches)

    def _calls(self, *, urgent: bool) -> HubCalls:
        return self.hub.pushing(self._left(), urgent=urgent)

    def _left(self) -> float:
        return self.until - asyncio.get_running_loop().time()


def _is_urgent(one: Asked) -> bool:
    return one.message.urgency is not Urgency.NONE
