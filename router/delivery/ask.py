"""What else a partner is asked, beside `send.attempt`: what became of a referral, to drop it, whether it is there.

As there, whatever goes wrong on the way, in the answer or in our reading of it, is that partner's silence or its proper
outcome, and costs no other partner and no case anything: nothing here raises but when it is cancelled.
"""

from collections.abc import Awaitable, Sequence
from typing import Final

from router.delivery.send import UNEXPECTED, meaning
from router.errors import RouterError
from router.guard.log import get_log
from router.partners.base import CheckResult, Dialect, Outcome, OwnAction, Reason, SentReferral
from router.partners.reminding import Reminds
from schemas.exchange import ReferralStatus
from schemas.partner import Partner

_FAILED: Final = "Something failed on our side; the router's log says where."


async def status(dialect: Dialect, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
    """Return what the partner says of referrals; nothing when it is silent, None when its dialect cannot ask."""
    try:
        return await dialect.status(partner, sent)
    except RouterError:
        return []
    except Exception as error:  # noqa: BLE001 - a partner's text may fail nothing but this question
        get_log("delivery").error("status_failed", partner=partner.name, exc_info=error)
        return []


async def withdraw(dialect: Dialect, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
    """Return an outcome for each referral that the partner is to drop; None when its dialect cannot tell it."""
    return await _told(dialect.withdraw(partner, sent), partner, len(sent))


async def remind(dialect: Dialect, partner: Partner, sent: Sequence[SentReferral]) -> frozenset[str]:
    """Return of which of these the partner says that it was reminded; of none, where its dialect cannot tell it."""
    if not isinstance(dialect, Reminds):
        return frozenset()
    try:
        return await dialect.remind(partner, sent)
    except RouterError:
        return frozenset()
    except Exception as error:  # noqa: BLE001 - people hand it over then
        get_log("delivery").error("remind_failed", partner=partner.name, exc_info=error)
        return frozenset()


async def find(dialect: Dialect, partner: Partner, reference: str) -> Outcome | None:
    """Return whether the partner has something by that reference of its own; None when its dialect cannot look."""
    try:
        return await dialect.find(partner, reference)
    except Exception as error:  # noqa: BLE001 - what cannot be looked up is still what people say it is
        return meaning(error, partner)


async def tell(dialect: Dialect, partner: Partner, actions: Sequence[OwnAction]) -> list[Outcome] | None:
    """Return an outcome for each act of ours that the partner is to hear of; None when it cannot be told."""
    return await _told(dialect.tell(partner, actions), partner, len(actions))


async def _told(telling: Awaitable[list[Outcome] | None], partner: Partner, count: int) -> list[Outcome] | None:
    try:
        outcomes = await telling
    except Exception as error:  # noqa: BLE001 - whatever fails, the schedule goes on and ends on the desk
        return [meaning(error, partner)] * count
    return [UNEXPECTED] * count if outcomes is not None and len(outcomes) != count else outcomes


async def rehearse(dialect: Dialect, partner: Partner) -> CheckResult:
    """Return whether something about no case is on its way to the partner."""
    return await _found(dialect.rehearse(partner), partner)


async def check(dialect: Dialect, partner: Partner) -> CheckResult:
    """Return whether the partner is there and takes what we say."""
    return await _found(dialect.check(partner), partner)


async def _found(asking: Awaitable[CheckResult], partner: Partner) -> CheckResult:
    try:
        return await asking
    except Exception as error:  # noqa: BLE001 - one partner's fault must not keep the others from being checked
        found = meaning(error, partner)
        text = _FAILED if found.reason is Reason.UNEXPECTED else found.text
        return CheckResult(ok=False, text=text, reason=found.reason)
