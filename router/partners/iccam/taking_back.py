"""Take back what is at the hub: nothing there deletes a report, so it is left with us, given to nobody.

Once another hotline has it, only that hotline can drop it, and people ask it by hand.
"""

from typing import Final

from router.partners.base import Accepted, Outcome, Reason, Refused
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView

_KEPT: Final = "Report {} stays with us at the hub and is given to nobody."
_GIVEN_AWAY: Final = "The hub gave report {} to {}; ask that hotline by hand to drop it."
_ASKED: Final = "The hub was asked to give report {} to {} and may still do so; ask that hotline by hand to drop it."


async def take_back(calls: HubCalls, standing: Standing, ours: str) -> Outcome:
    """Say whether nobody but us has it; `ours` is our country."""
    numbers = [standing.content] if standing.content is not None else []
    if not numbers:
        report = await calls.report(standing.report)
        if not isinstance(report, ReportView):
            return report
        numbers = [one.content_id for one in report.report_contents]
    for number in numbers:
        content = await calls.content(number)
        if not isinstance(content, ContentView):
            return content
        holder = content.assigned_country_code
        if holder not in {None, ours}:
            return Refused(Reason.REFUSED, _GIVEN_AWAY.format(standing.report, holder))
    if standing.asked_at is not None:
        return Refused(Reason.REFUSED, _ASKED.format(standing.report, standing.target))
    return Accepted(_KEPT.format(standing.report))
