"""What keeps a referral between two calls, as the router does: its progress, and whether a call may have been made."""

from dataclasses import dataclass, field
from datetime import timedelta

from router.errors import NoAnswer, NotSent
from router.partners.base import (
    Accepted,
    Deferred,
    Envelope,
    Outcome,
    Progress,
    Progressed,
    Reason,
    SentReferral,
    Unknown,
)
from router.partners.iccam.dialect import IccamDialect
from schemas.exchange import ReferralMessage
from schemas.partner import Partner, PartnerKind
from tests.partners.iccam.stage import Near, settings
from tests.referrals import a_message

MOST_CALLS = 200


def a_hub(**changes: object) -> Partner:
    return Partner(name="iccam", title="ICCAM", kind=PartnerKind.HUB, dialect="iccam", config=settings(**changes))


@dataclass
class Sender:
    """Sends one referral to its end."""

    at: Near
    dialect: IccamDialect
    partner: Partner = field(default_factory=a_hub)
    message: ReferralMessage = field(default_factory=a_message)
    progress: Progress | None = None
    in_doubt: bool = False
    receipt: str | None = None
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.payload = self.dialect.freeze(self.message, self.partner)

    @property
    def sent(self) -> SentReferral:
        return SentReferral(self.message.referral_id, self.receipt, self.progress)

    async def turn(self) -> Outcome:
        envelope = Envelope(self.message.referral_id, self.payload, self.progress, self.in_doubt)
        try:
            (outcome,) = await self.dialect.send(self.partner, [envelope])
        except NotSent as error:
            return Deferred(Reason.UNREACHABLE, error.message)
        except NoAnswer as error:
            outcome = Unknown(Reason.NO_ANSWER, error.message)
        if isinstance(outcome, Accepted | Progressed) and outcome.progress is not None:
            self.progress, self.in_doubt = outcome.progress, False
            if self.steps[-1:] != [outcome.progress.step]:
                self.steps.append(outcome.progress.step)
        if isinstance(outcome, Accepted):
            self.receipt = outcome.receipt
        if isinstance(outcome, Unknown):
            self.in_doubt = True
        return outcome

    async def to_the_end(self) -> Outcome:
        clock = self.at.clock
        for _ in range(MOST_CALLS):
            outcome = await self.turn()
            match outcome:
                case Progressed(next_at=at):
                    clock.advance(max((at or clock.now()) - clock.now(), timedelta()))
                case Deferred(retry_after=seconds):
                    clock.advance(timedelta(seconds=seconds or 5))
                case Unknown(for_people=False):
                    clock.advance(timedelta(seconds=5))
                case _:
                    return outcome
        raise AssertionError("it goes on for ever")
