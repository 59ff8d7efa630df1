"""One referral between two calls, kept as the router keeps it: its progress, and whether a call may have been made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from router.errors import NoAnswer, NotSent
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    Deferred,
    Dialect,
    Envelope,
    Outcome,
    Progress,
    Progressed,
    Reason,
    SentReferral,
    Unknown,
)
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from tests.referrals import a_message

#: Calls after which a referral that neither ends nor waits goes in circles.
MOST_CALLS = 200
#: Lets a test's time pass.
Later = Callable[[timedelta], None]


@dataclass
class Carried:
    """A referral on its way."""

    dialect: Dialect
    partner: Partner
    message: ReferralMessage = field(default_factory=a_message)
    progress: Progress | None = None
    in_doubt: bool = False
    receipt: str | None = None
    said: list[Progressed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.payload = self.dialect.freeze(self.message, self.partner)

    @property
    def id(self) -> str:
        return self.message.referral_id

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.id, self.payload, self.progress, self.in_doubt)

    @property
    def sent(self) -> SentReferral:
        return SentReferral(self.id, self.receipt, self.progress)

    def taken_over(self, dialect: Dialect) -> "Carried":
        """The same as another process finds it, which knows nothing but what was kept."""
        return Carried(dialect, self.partner, self.message, self.progress, self.in_doubt, self.receipt)

    async def call(self, deadline: float = CALL_SECONDS) -> Outcome:
        """Make one call, and keep nothing of it: its sender died."""
        try:
            (outcome,) = await self.dialect.send(self.partner, [self.envelope], deadline)
        except NotSent as error:
            return Deferred(Reason.UNREACHABLE, error.message)
        except NoAnswer as error:
            return Unknown(Reason.NO_ANSWER, error.message)
        return outcome

    async def turn(self, deadline: float = CALL_SECONDS) -> Outcome:
        """Make one call, and keep what it said."""
        return self.kept(await self.call(deadline))

    def kept(self, outcome: Outcome) -> Outcome:
        """Keep an outcome."""
        if isinstance(outcome, Accepted | Progressed):
            self.progress, self.in_doubt = outcome.progress or self.progress, False
        if isinstance(outcome, Accepted):
            self.receipt = outcome.receipt
        if isinstance(outcome, Progressed):
            self.said.append(outcome)
        if isinstance(outcome, Unknown) or (isinstance(outcome, Deferred) and outcome.may_have_arrived):
            self.in_doubt = True
        return outcome

    async def to_the_end(self, later: Later) -> Outcome:
        """Make calls until there is nothing left to do, waiting as the schedule does."""
        for _ in range(MOST_CALLS):
            outcome = await self.turn()
            if not goes_on(outcome, later):
                return outcome
        raise AssertionError("it goes on for ever")


def goes_on(outcome: Outcome, later: Later) -> bool:
    """Say whether another call follows an outcome, and let the time until then pass."""
    match outcome:
        case Progressed(next_at=None):
            return True
        case Progressed():
            later(timedelta(minutes=1))
            return True
        case Deferred(retry_after=seconds):
            later(timedelta(seconds=seconds or 5))
            return True
        case Unknown(for_people=False):
            later(timedelta(seconds=5))
            return True
        case _:
            return False
