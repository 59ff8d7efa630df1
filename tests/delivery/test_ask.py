"""Whatever a dialect does with a question, the question has an answer."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from router.delivery import ask
from router.errors import BadInput, EgressRefused, NoAnswer, NotSent
from router.partners.base import (
    Accepted,
    CheckResult,
    Deferred,
    Dialect,
    Outcome,
    OwnAction,
    Reason,
    Refused,
    SentReferral,
    Unknown,
)
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import ActionType
from tests.referrals import AT

NL = Partner(name="nl", title="Offlimits", kind=PartnerKind.HOTLINE)
A, B = SentReferral("a"), SentReferral("b")
ACT = OwnAction("1", A, ActionStatement(action=ActionType.REMOVED, at=AT))
KNOWN = ReferralStatus(referral_id="a", known=True)
#: What a call raises, and what that means for a withdrawal.
FAILURES: list[tuple[Exception, type[Outcome], Reason]] = [
    (NotSent(reason="dns"), Deferred, Reason.UNREACHABLE),
    (NotSent(reason="certificate"), Deferred, Reason.INSECURE),
    (EgressRefused(), Deferred, Reason.GUARD_REFUSED),
    (BadInput(), Deferred, Reason.MISCONFIGURED),
    (NoAnswer(), Unknown, Reason.NO_ANSWER),
    (NoAnswer(http_status=503), Deferred, Reason.BUSY),
    (NoAnswer(http_status=404), Refused, Reason.REFUSED),
    (TypeError("https://canary.test/"), Unknown, Reason.UNEXPECTED),
    (RecursionError(), Unknown, Reason.UNEXPECTED),
    (OverflowError(), Unknown, Reason.UNEXPECTED),
    (TimeoutError(), Unknown, Reason.UNEXPECTED),
]


class Answers:
    """A dialect that answers as it is told, or raises."""

    def __init__(self, says: object) -> None:
        self.says = says

    async def _said(self) -> object:
        if isinstance(self.says, BaseException):
            raise self.says
        return self.says

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> object:
        return await self._said()

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> object:
        return await self._said()

    async def tell(self, partner: Partner, actions: Sequence[OwnAction]) -> object:
        return await self._said()

    async def check(self, partner: Partner) -> object:
        return await self._said()


def dialect(says: object) -> Dialect:
    return cast("Dialect", Answers(says))


async def test_what_is_answered_is_passed_on() -> None:
    assert await ask.status(dialect([KNOWN]), NL, [A]) == [KNOWN]
    assert await ask.withdraw(dialect([Accepted("w")]), NL, [A]) == [Accepted("w")]
    assert await ask.tell(dialect([Accepted(None)]), NL, [ACT]) == [Accepted(None)]
    good = CheckResult(ok=True, text="It is there.")
    assert await ask.check(dialect(good), NL) == good


async def test_a_dialect_that_cannot_ask_says_so() -> None:
    assert await ask.status(dialect(None), NL, [A]) is None
    assert await ask.withdraw(dialect(None), NL, [A]) is None
    assert await ask.tell(dialect(None), NL, [ACT]) is None


@pytest.mark.parametrize(("failure", "outcome", "reason"), FAILURES)
async def test_every_failure_is_silence_or_its_proper_outcome(
    failure: Exception, outcome: type[Outcome], reason: Reason
) -> None:
    assert await ask.status(dialect(failure), NL, [A, B]) == []
    withdrawn = await ask.withdraw(dialect(failure), NL, [A, B])
    assert withdrawn is not None
    assert await ask.tell(dialect(failure), NL, [ACT, ACT]) == withdrawn
    assert [(type(one), getattr(one, "reason", None)) for one in withdrawn] == [(outcome, reason)] * 2
    checked = await ask.check(dialect(failure), NL)
    assert (checked.ok, checked.reason) == (False, reason)
    assert checked.text
    assert "canary" not in checked.text


async def test_an_answer_for_others_is_none() -> None:
    (one, two) = await ask.withdraw(dialect([Accepted("w")]), NL, [A, B]) or ()
    assert isinstance(one, Unknown)
    assert one == two


async def test_who_stops_stops_at_once() -> None:
    for question in (ask.status, ask.withdraw):
        with pytest.raises(asyncio.CancelledError):
            await question(dialect(asyncio.CancelledError()), NL, [A])


@pytest.mark.parametrize(("failure", "outcome", "reason"), FAILURES)
async def test_a_reference_that_cannot_be_looked_up_is_an_outcome_and_raises_nothing(
    failure: Exception, outcome: type[Outcome], reason: Reason
) -> None:
    class Failing:
        async def find(self, partner: Partner, reference: str) -> Outcome | None:
            raise failure

    said = await ask.find(cast("Dialect", Failing()), NL, "7")
    assert isinstance(said, outcome)
    assert said.reason is reason
