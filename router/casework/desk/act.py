"""What every act of staff shares: the version they saw, a typed reason kept sealed, a sentence when it cannot be."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import select

from router.ahead import ahead
from router.casework.case.desk_entry import TO_BE_DECIDED, is_asked
from router.casework.case.gate import HeldBack, held_now
from router.casework.case.record import case_row
from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict, NotFound
from router.store.base import Row
from router.store.schema.tables import audit, referrals
from schemas.casefile import DeskCode
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

P = ParamSpec("P")
T = TypeVar("T")

#: How often an act that names no version is prepared again after losing to a worker; each round reads what is so now.
_ROUNDS: Final = 8

#: What the store says of a row that moved on, and of one that somebody else added first.
_OVERTAKEN: Final = frozenset({Conflict.code, "duplicate"})
_MEANWHILE: Final = "Meanwhile, {actor}: {act}, at {at}. Nothing was done; read it again and decide anew."
#: Why nothing else is done to a case that waits for a second person.
SECOND_LOOK: Final = "A second person looks whether it is illegal: say that it is not, or what it is."
_BEING_DECIDED: Final = "This cannot be done now: the case is just being decided; look again in a minute."
_STANDS_SO: Final = "This cannot be done now: the referral {stands}."
#: Where a referral stands, in words for whoever tried to do something it does not allow.
STANDS = {
    ReferralState.WAITING: "waits to be sent",
    ReferralState.HELD: "is held",
    ReferralState.SENDING: "is being sent",
    ReferralState.ACCEPTED: "was accepted by the partner",
    ReferralState.REFUSED: "was refused by the partner",
    ReferralState.EXPIRED: "could not be delivered",
    ReferralState.UNKNOWN: "may have reached the partner",
    ReferralState.RECALL_PENDING: "is being recalled",
    ReferralState.WITHDRAWING: "is being withdrawn at the partner",
    ReferralState.RECALLED: "was recalled",
    ReferralState.SUPERSEDED: "was replaced by another one",
}


def retry_on_conflict(act: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Prepare an act again that lost its row to another step, unless its caller named the `version` they saw.

    Who names none acts on whatever is so: a worker that moved the row between our reading and our writing is no reason
    to refuse. Nothing was written then, so nothing is done twice; what the state does not allow any more is still said.

    A person waits for it: it goes ahead of an import of thousands.
    """

    @wraps(act)
    async def prepared(*args: P.args, **kwargs: P.kwargs) -> T:
        with ahead():
            for _ in range(_ROUNDS if kwargs.get("version") is None else 0):
                try:
                    return await act(*args, **kwargs)
                except Conflict as error:
                    if error.reason not in _OVERTAKEN:
                        raise
            return await act(*args, **kwargs)

    return prepared


@dataclass(slots=True)
class Intent:
    """What an act that names no version means: what its first round found to act on."""

    first: object = None

    def hold_to(self, found: object, *, anyway: bool = False) -> None:
        """Raise Conflict in a later round that found another thing; with `anyway` it means the same nevertheless.

        A person who saw nothing of what happened in between cannot have meant that.
        """
        if self.first is None:
            self.first = found
        elif found != self.first and not anyway:
            raise Conflict


def retry_same_intent(act: Callable[Concatenate[Intent, P], Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Prepare an act again as `retry_on_conflict` does, and have it know what its first round meant."""

    @wraps(act)
    async def prepared(*args: P.args, **kwargs: P.kwargs) -> T:
        intent = Intent()

        @retry_on_conflict
        async def one(*given: P.args, **named: P.kwargs) -> T:
            return await act(intent, *given, **named)

        return await one(*args, **kwargs)

    return prepared


async def referral_row(ctx: Context, referral_id: str) -> Row:
    """Return the row of a referral. Raise NotFound."""
    rows = await ctx.store.rows(select(referrals).where(referrals.c.id == referral_id))
    if not rows:
        raise NotFound("There is no referral with this id; check it.")
    return rows[0]


async def referral_for(ctx: Context, referral_id: str, version: int | None, event: str) -> tuple[Row, ReferralState]:
    """Return a referral and the state after `event`. Raise NotFound, or Conflict saying where it stands."""
    row = await referral_row(ctx, referral_id)
    await check_not_overtaken(ctx, row, version, row["case_id"])
    state = ReferralState(row["state"])
    after = step(REFERRAL, state, event)
    if after is None:
        raise Conflict(_STANDS_SO.format(stands=STANDS[state]), reason="not_now")
    return row, after


async def case_for(
    ctx: Context, case_id: str, version: int | None, event: str, *, decided: bool = False
) -> tuple[Row, CaseState]:
    """Return a case and the state after `event`. Raise NotFound, or Conflict when it is closed or moved on.

    `decided` is for what says nothing of whom it goes to: a case that is just being judged would be left without that.
    """
    row = await case_row(ctx, case_id)
    await check_not_overtaken(ctx, row, version, case_id)
    if decided and row["state"] in TO_BE_DECIDED:
        raise Conflict(_BEING_DECIDED, reason="not_now")
    if event != "close" and is_asked(row, DeskCode.SECOND_LOOK):
        raise Conflict(SECOND_LOOK, reason="second_look")
    after = step(CASE, CaseState(row["state"]), event)
    if after is None:
        raise Conflict("This cannot be done now: the case is closed, or has not been traced yet.", reason="not_now")
    return row, after


async def check_not_overtaken(ctx: Context, row: Row, version: int | None, case_id: str) -> None:
    """Raise Conflict when the row is not as the caller saw it, saying who did what to its case meanwhile."""
    try:
        check_version(row, version)
    except Conflict:
        latest = select(audit).where(audit.c.case_id == case_id).order_by(audit.c.at.desc(), audit.c.seq.desc())
        found = await ctx.store.rows(latest.limit(1))
        if not found:
            raise
        (last,) = found
        at = f"{moment(last['at']).astimezone(ctx.zone):%H:%M:%S %Z}"
        raise Conflict(_MEANWHILE.format(actor=last["actor"], act=last["act"], at=at)) from None


async def check_not_held(ctx: Context, case: Row) -> None:
    """Raise HeldBack when an embargo holds the case of this row: by these acts something leaves.

    What the police hold may still go to them, and people may say now to whom else it goes: that waits for the day.
    """
    if (held := await held_now(ctx, case["id"])) is not None and held.by:
        raise HeldBack(held)


def check_version(row: Row, version: int | None) -> None:
    """Raise Conflict when the row is not as the caller saw it."""
    if version is not None and row["version"] != version:
        raise Conflict
