"""Take back what is at the hub: nothing there deletes a report, so it is left with us, marked, and given to nobody.

Once another hotline has it, only that hotline can drop it, and people ask it by hand.
"""

from typing import Final

from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused
from router.partners.iccam.contents import Readings
from router.partners.iccam.hub import HubCalls
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView

_KEPT: Final = "Report {} stays with us at the hub and is given to nobody."
_GIVEN_AWAY: Final = "The hub gave report {} to {}; ask that hotline by hand to drop it."
_ASKED: Final = "The hub was asked to give report {} to {} and may still do so; ask that hotline by hand to drop it."


#: Stands behind our reference of what was taken back: nothing at the hub deletes a report, and so it says why it stays.
MARK: Final = "-withdrawn"


async def take_back(calls: HubCalls, readings: Readings, standing: Standing, reference: str, ours: str) -> Outcome:
    """Say whether nobody but us has it, and mark it there; `ours` is our country, `reference` ours of the referral."""
    contents = await _contents(calls, readings, standing)
    if not isinstance(contents, tuple):
        return contents
    for content in contents:
        holder = content.assigned_country_code
        if holder not in {None, ours}:
            return Refused(Reason.REFUSED, _GIVEN_AWAY.format(standing.report, holder))
    if standing.asked_at is not None:
        return Refused(Reason.REFUSED, _ASKED.format(standing.report, standing.target))
    for content in contents:
        if content.url.is_source_url:
            marked = {"reference": f"{reference}{MARK}"}
            failed = await calls.put(f"rest/Content/{content.content_id}/hotline-reference", marked)
            if isinstance(failed, Deferred):
                return failed  # one that the hub does not take is no reason to keep it: it is with us, which is enough
    return Accepted(_KEPT.format(standing.report))


async def _contents(
    calls: HubCalls, readings: Readings, standing: Standing
) -> tuple[ContentView, ...] | Deferred | Refused:
    """Return all contents of its report, also where we have not found ours yet."""
    if standing.content is not None:
        return await readings.all_of(calls, standing)
    report = await calls.report(standing.report)
    if not isinstance(report, ReportView):
        return report
    found: list[ContentView] = []
    for one in report.report_contents:
        content = await calls.content(one.content_id)
        if not isinstance(content, ContentView):
            return content
        found.append(content)
    return tuple(found)
