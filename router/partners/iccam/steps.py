"""One referral at the hub, a turn at a time: reported, read back, assessed, completed, given to its country, confirmed.

What is kept between turns is little (`Progress`); what is still to do is read from the hub itself. So a turn that was
cut off anywhere is simply begun again, and nothing is done twice: every call but the first is harmless to repeat. The
first, which creates the report, is made only while it is certain that none was taken before; where it is not, our
reference is looked for, and where that finds nothing, a person is asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from router.clock import Clock
from router.partners.base import Deferred, Reason, Refused, Unknown
from router.partners.iccam.hub import Failed, HubCalls, Lost
from router.partners.iccam.look_for import Looked, look_for
from router.partners.iccam.progress import Again, Done, Elsewhere, Progress, Step
from router.partners.iccam.wire import (
    ContentView,
    ReportView,
    assessment_body,
    report_body,
    source_body,
    target_of,
)
from router.partners.iccam.words import Words
from schemas.exchange import ReferralMessage

#: A new report is given to its country in a later turn: right after it, the hub may not take that (a comment in the
#: public client, which waits for its next minute).
SETTLE: Final = timedelta(seconds=60)
#: How long the hub may take to show or take something before people are asked.
PATIENCE: Final = timedelta(minutes=15)
#: Seconds between two looks at something that the hub does not show yet.
LOOK: Final = 30.0
#: How long a report that may have been taken is looked for, and how often, in seconds.
SEARCH: Final = timedelta(minutes=3)
SEARCH_EVERY: Final = 60.0
#: How far back one is looked for whose reference the hub refuses, perhaps because it knows it.
KNOWN_BEFORE: Final = timedelta(days=7)

_MAY_BE_THERE: Final = (
    "The hub may have taken the report without our learning its number. Look there for reference {}; "
    "type its number, or send it again."
)
_IS_LOOKED_FOR: Final = "The hub may have the report already; it is looked for there before anything is sent again"
_NO_CONTENT: Final = "The hub took report {}, but shows nothing in it; ask the hub's office."
_NOT_TOLD: Final = "The hub has report {}, but does not take our assessment or what we say about the source."
_NOT_GIVEN: Final = "The hub has report {}, but does not give it to {}; look it up there."
_WAITS: Final = "With the hub as report {}, not yet given to {}"

Turn: TypeAlias = tuple[Progress, Step]


@dataclass(frozen=True, slots=True)
class Reporting:
    """How referrals are handed in at one hub."""

    analyst: str  #: the login of our system, in every analyst's field
    country: str  #: ours
    clock: Clock

    async def advance(self, calls: HubCalls, words: Words, message: ReferralMessage, progress: Progress) -> Turn:
        """Take the next step. Raise BadInput for what the hub cannot take, NotSent and EgressRefused as the guard."""
        if progress.report is None:
            return await self._report(calls, words, message, progress)
        return await self._go_on(calls, words, message, progress, progress.report)

    async def _report(self, calls: HubCalls, words: Words, message: ReferralMessage, progress: Progress) -> Turn:
        if progress.doubt_since is not None:
            return await self._find(calls, message, progress, progress.doubt_since)
        body, now = report_body(message, words, self.analyst), self.clock.now()
        number = await calls.post_report(body)
        match number:
            case int():
                return Progress(report=number, reported_at=now), Again(0, _WAITS.format(number, target_of(message)))
            case Lost():
                return Progress(doubt_since=now), Again(LOOK, _IS_LOOKED_FOR)
            case Refused():  # so does a hub that knows the reference already
                return await self._find(calls, message, progress, now - KNOWN_BEFORE, number)
            case Deferred():
                return progress, number

    async def _find(
        self,
        calls: HubCalls,
        message: ReferralMessage,
        progress: Progress,
        since: datetime,
        refused: Refused | None = None,
    ) -> Turn:
        """Look for a report that may be there; when none is found, its refusal stands, or a person is asked."""
        found = await look_for(calls, message.referral_id, since, progress.looked)
        if not isinstance(found, Looked):
            return progress, found
        if found.content is not None and found.content.report_id is not None:
            number = found.content.report_id
            known = Progress(report=number, content=found.content.content_id, reported_at=self.clock.now())
            return known, Again(0, _WAITS.format(number, target_of(message)))
        if refused is not None:
            return progress, refused
        progress = progress.model_copy(update={"looked": found.read})
        if not found.over:
            return progress, Again(0, _IS_LOOKED_FOR)
        if self._seconds_to(since, SEARCH) > 0:
            return progress, Again(SEARCH_EVERY, _IS_LOOKED_FOR)
        return progress, Unknown(Reason.NO_ANSWER, _MAY_BE_THERE.format(message.referral_id))

    async def _go_on(
        self, calls: HubCalls, words: Words, message: ReferralMessage, progress: Progress, number: int
    ) -> Turn:
        report = await calls.report(number)
        if not isinstance(report, ReportView):
            return progress, report
        content = await self._read_back(calls, message, progress, report)
        if content is None:
            return progress, self._wait(progress, _NO_CONTENT.format(number))
        if not isinstance(content, ContentView):
            return progress, content
        progress = progress.model_copy(update={"content": content.content_id})
        if content.assigned_country_code in {None, self.country}:  # nobody else may say these
            failed = await self._tell(calls, words, message, content, report, number)
            if isinstance(failed, Refused):
                return progress, self._wait(progress, _NOT_TOLD.format(number))
            if failed is not None:
                return progress, failed
        return await self._give(calls, message, progress, content)

    async def _read_back(
        self, calls: HubCalls, message: ReferralMessage, progress: Progress, report: ReportView
    ) -> ContentView | Failed | None:
        """Return our content: by its URL, or, since a hub may write that in its own way, as the report's source."""
        if progress.content is not None:
            return await calls.content(progress.content)
        numbers = [one.content_id for one in report.report_contents if one.url_string == message.location]
        for number in (*numbers, *(one.content_id for one in report.report_contents)):
            content = await calls.content(number)
            if not isinstance(content, ContentView) or content.url.is_source_url:
                return content
        return None

    async def _tell(
        self,
        calls: HubCalls,
        words: Words,
        message: ReferralMessage,
        content: ContentView,
        report: ReportView,
        number: int,
    ) -> Failed | None:
        """Say what the hub does not show yet of our assessment, then of the source."""
        body = assessment_body(message, words, self.analyst)
        if body is not None and not content.assessments:  # the last one counts: whoever came after us knew more
            failed = await calls.put(f"rest/Content/{content.content_id}/assessment", body=body)
            if failed is not None:
                return failed
        for path, query, said in _missing(source_body(message, words), report):
            failed = await calls.put(f"rest/Reports/{number}/source-url/{path}", query, said)
            if failed is not None:
                return failed
        return None

    async def _give(self, calls: HubCalls, message: ReferralMessage, progress: Progress, content: ContentView) -> Turn:
        """See to it that the country has it; that is so when the hub says so."""
        target = target_of(message)
        step = self._standing(progress, content, target)
        if step is not None:
            return progress, step
        failed = await _assign(calls, message, content, target)
        if isinstance(failed, Refused):
            return progress, self._wait(progress, _NOT_GIVEN.format(progress.report, target))
        if failed is not None:
            return progress, failed
        asked = progress.model_copy(update={"asked": target, "asked_at": self.clock.now()})
        return asked, Again(LOOK, _WAITS.format(progress.report, target))

    def _standing(self, progress: Progress, content: ContentView, target: str) -> Step | None:
        """Return what follows from whose the content is now; None when the hub is to be asked to give it away."""
        holder, waiting = content.assigned_country_code, _WAITS.format(progress.report, target)
        if holder == target:
            return Done(f"{progress.report}/{content.content_id}")
        if holder not in {None, self.country}:
            return Elsewhere(holder)
        if progress.asked == target:  # it took our word, and does not show it yet or gave the content back
            is_late = self._seconds_to(progress.asked_at, PATIENCE) <= 0
            return Elsewhere(holder) if is_late else Again(LOOK, waiting)
        left = self._seconds_to(progress.reported_at, SETTLE)
        return Again(left, waiting) if left > 0 else None

    def _wait(self, progress: Progress, text: str) -> Step:
        """Wait for the hub while that is reasonable, then ask people."""
        if self._seconds_to(progress.reported_at, PATIENCE) > 0:
            return Again(LOOK, text)
        return Refused(Reason.REFUSED, text)

    def _seconds_to(self, begun: datetime | None, span: timedelta) -> float:
        now = self.clock.now()
        return ((begun or now) + span - now).total_seconds()


def _missing(said: Mapping[str, Any], report: ReportView) -> Iterator[tuple[str, dict[str, str | int] | None, Any]]:
    """Yield path, query and body of each call that says about the source what the report does not show."""
    if report.source_url_site_type is None:
        yield "site-type", {"siteType": said["sourceUrlSiteType"]}, None
    if report.source_url_commerciality is None:
        yield "commerciality", {"commerciality": said["sourceUrlCommerciality"]}, None
    if not report.source_url_payment_methods:
        yield "payment-methods", None, said["sourceUrlPaymentMethods"]


async def _assign(calls: HubCalls, message: ReferralMessage, content: ContentView, target: str) -> Failed | None:
    """Give it to its country; before that, correct where the hub thinks that it is hosted."""
    path, hosting = f"rest/Content/{content.content_id}", message.hosting
    if hosting.country is not None and content.url.hosting_country_code != hosting.country:
        query = {"newIpAddress": hosting.ips[0] if hosting.ips else "", "newCountryCode": hosting.country}
        failed = await calls.put(f"{path}/url/hosting", query)
        if failed is not None:
            return failed
    return await calls.put(f"{path}/assigned-country", {"newCountryCode": target})
