"""Take back what is at the hub: nothing there deletes a report, so it is left with us, marked, and given to nobody.

Once another hotline has it, only that hotline can drop it, and people ask it by hand.
"""

from typing import Final

from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused
from router.partners.iccam.contents import MARK, Readings, find_own
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView

_KEPT: Final = "Report {} stays with us at the hub and is given to nobody."
_GIVEN_AWAY: Final = "The hub gave report {} to {}; ask that hotline by hand to drop it."
_ASKED: Final = "The hub was asked to give report {} to {} and may still do so; ask that hotline by hand to drop it."
_WHICH: Final = "Report {} at the hub does not show which of its contents this is; look there, and drop it by hand."


async def take_back(calls: HubCalls, readings: Readings, standing: Standing, reference: str, ours: str) -> Outcome:
    """Say whether nobody but us has it, and mark it there; `ours` is our country, `reference` ours of the referral."""
    contents = await _contents(calls, readings, standing, reference)
    if not isinstance(contents, tuple):
        return contents
    for content in contents:
        holder = content.assigned_country_code
        if holder not in {None, ours}:
            return Refused(Reason.REFUSED, _GIVEN_AWAY.format(standing.report, holder))
    if standing.asked_at is not None:
        return Refused(Reason.REFUSED, _ASKED.format(standing.report, standing.target))
    if contents:
        marked = {"reference": f"{reference}{MARK}"}
        failed = await calls.put(f"rest/Content/{contents[0].content_id}/hotline-reference", marked)
        if isinstance(failed, Deferred):
            return failed  # one that the hub does not take is no reason to keep it: it is with us, which is enough
    return Accepted(_KEPT.format(standing.report))


async def _contents(
    calls: HubCalls, readings: Readings, standing: Standing, reference: str
) -> tuple[ContentView, ...] | Deferred | Refused:
    """Return its contents, its own first, also where we have not found ours yet: nothing of a report that is not shown.

    What was reported with it is none of them.
    """
    if standing.content is not None:
        return await readings.all_of(calls, standing)
    report = await calls.report(standing.report)
    if not isinstance(report, ReportView):
        return report
    if not report.report_contents:
        return ()
    own = await find_own(calls, report, standing, reference, standing.url)
    if own is None:
        return Refused(Reason.REFUSED, _WHICH.format(standing.report))
    if not isinstance(own, ContentView):
        return own
    return await readings.all_of(calls, standing.model_copy(update={"content": own.content_id}))
