"""Did the police ask that nobody be told of a case before a day? Asked right before anything leaves, or is looked up.

What a unit said last counts: another day takes the place of the one before, and "please ask the host yourselves" ends
it. While it lasts nothing goes to anybody but that unit, and nothing is looked up, since a name server, a registry or
a CDN that is asked is told as well. What waits for its day goes on by itself then, and the desk asks the unit's people
again first (`follow_up`).
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Final

from sqlalchemy import select

from router.casework.case.next_look import look_at
from router.casework.context import Context
from router.casework.referral.row import due_at
from router.clock import moment
from router.errors import Conflict
from router.store.base import Change, Event, LookUp, Row, Transition
from router.store.schema.tables import cases, referrals, unit_answers
from schemas.actor import ROUTER
from schemas.casefile import PoliceHold
from schemas.states import REFERRAL, ReferralState, step
from schemas.vocabulary import UnitAnswer

#: `last_reason` of a referral that waits for a unit's day.
POLICE_HOLD: Final = "police_hold"
_ASKED: Final = (
    "{partner} asked that nobody be told before {until:%Y-%m-%d %H:%M} UTC; until then nothing leaves or is asked."
)
#: What a unit says of when somebody may be told: the last of these counts.
_ABOUT_TELLING: Final = frozenset(
    {UnitAnswer.HOLD_UNTIL, UnitAnswer.RELEASE, UnitAnswer.SENT_ELSEWHERE, UnitAnswer.CLOSED}
)
_SAID_OF_CASES: Final = LookUp(
    select(*(unit_answers.c[name] for name in ("id", "case_id", "answer", "at", "until")), referrals.c.partner).join(
        referrals, referrals.c.id == unit_answers.c.referral_id
    ),
    unit_answers.c.case_id,
)


@dataclass(frozen=True, slots=True)
class Hold:
    """What a unit asked for. Moments are in microseconds."""

    partner: str
    since: int
    until: int

    @property
    def text(self) -> str:
        """Return it in words."""
        return _ASKED.format(partner=self.partner, until=moment(self.until))

    def view(self) -> PoliceHold:
        """Return what lists and pages show."""
        return PoliceHold(partner=self.partner, since=moment(self.since), until=moment(self.until))


class HeldByPolice(Conflict):
    """A unit asked that nobody be told yet; its release, or another day of it, is typed as its answer."""

    def __init__(self, hold: Hold) -> None:
        """Say who asked it, and until when."""
        super().__init__(f"{hold.text} Type what they say since as their answer.", reason=POLICE_HOLD)
        self.hold = hold


async def police_holds(ctx: Context, case_ids: Iterable[str], *, at: int | None = None) -> dict[str, Hold]:
    """Return by id the cases of which nobody is to be told now, or at a moment (microseconds)."""
    then, found = ctx.now() if at is None else at, dict[str, Hold]()
    for case_id, rows in (await ctx.store.look_up(_SAID_OF_CASES, case_ids)).items():
        told = [row for row in rows if row["answer"] in _ABOUT_TELLING]
        last = {row["partner"]: row for row in sorted(told, key=lambda one: (one["at"], one["id"]))}
        holds = [
            Hold(partner, row["at"], row["until"])
            for partner, row in last.items()
            if row["answer"] == UnitAnswer.HOLD_UNTIL and row["until"] > then
        ]
        if holds:
            found[case_id] = max(holds, key=lambda one: one.until)
    return found


async def put_off(ctx: Context, row: Row, hold: Hold) -> None:
    """Date a claimed referral for the unit's day; nothing is counted against anybody. Staff who were faster win."""
    after = step(REFERRAL, ReferralState(row["state"]), "defer")
    values = {"state": after, **due_at(hold.until), "last_reason": POLICE_HOLD, "last_text": hold.text}
    event = Event("referral.held_by_police", ROUTER.id, row["case_id"], row["id"], {"partner": hold.partner})
    with suppress(Conflict):
        await ctx.store.commit(
            Transition(ctx.now(), (Change(referrals, {"id": row["id"]}, values, row["version"]),), events=(event,))
        )


def let_go(rows: Iterable[Row], now: int) -> list[Change]:
    """Return what has everything leave now that waited for a unit's day."""
    waits = [row for row in rows if row["state"] == ReferralState.WAITING and row["last_reason"] == POLICE_HOLD]
    return [Change(referrals, {"id": row["id"]}, due_at(now), row["version"]) for row in waits]


async def check_free(ctx: Context, case_id: str) -> None:
    """Raise HeldByPolice while nobody is to be told of the case."""
    if (hold := (await police_holds(ctx, [case_id])).get(case_id)) is not None:
        raise HeldByPolice(hold)


Step = Callable[[Context, Row], Awaitable[Transition | tuple[Transition, ...]]]


def unless_held_by_police(run: Step) -> Step:
    """Return a case's step that gives way: where it would ask anybody, the case waits for the unit's day."""

    @wraps(run)
    async def guarded(ctx: Context, row: Row) -> Transition | tuple[Transition, ...]:
        try:
            return await run(ctx, row)
        except HeldByPolice as error:
            later = Change(cases, {"id": row["id"]}, look_at(error.hold.until), row["version"])
            event = Event("case.held_by_police", ROUTER.id, row["id"], None, {"partner": error.hold.partner})
            return Transition(ctx.now(), (later,), events=(event,))

    return guarded
