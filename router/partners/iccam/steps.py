"""One referral at the hub, a turn at a time: reported, read back, assessed, completed, given to its country, confirmed.

What is kept between turns is little (`Progress`); what is still to do is read from the hub itself. So a turn that was
cut off anywhere is simply begun again, and nothing is done twice: every call but the first is harmless to repeat. The
first, which creates the report, is made only while it is certain that none was taken before; where it is not, our
reference is looked for, and where that finds nothing, a person is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from router.clock import Clock
from router.errors import BadInput
from router.partners.base import Deferred, Reason, Refused, Unknown
from router.partners.iccam.contents import find_own, give, is_sibling, with_us
from router.partners.iccam.hub import Failed, HubCalls, Lost
from router.partners.iccam.look_for import Searches
from router.partners.iccam.standing import Again, Done, Elsewhere, Result, Standing
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
#: Seconds until what else is in a report is looked at on, and how much of it in one turn.
OTHERS: Final = 5.0
IN_ONE_TURN: Final = 8
#: How often a report that may have been taken is looked for, in seconds.
SEARCH_EVERY: Final = 60.0

_LOST: Final = "The hub did not say whether it took the report; it is looked for there before it is sent again."
_IS_LOOKED_FOR: Final = "The hub may have the report already; it is looked for there before anything is sent again."
_MAY_BE_THERE: Final = (
    "The hub may have the report without our knowing its number. Look there for the reference {}. "
    "If it is not there, send it again."
)
_NO_CONTENT: Final = "The hub took report {}, but shows nothing in it; ask the hub's office."
_NOT_TOLD: Final = "The hub has report {}, but does not take our assessment or what we say about the source."
_NOT_GIVEN: Final = "The hub has report {}, but does not give it to {}; look it up there."
_WAITS: Final = "With the hub as report {}, not yet given to {}."

Turn: TypeAlias = tuple[Standing | None, Result]


@dataclass(frozen=True, slots=True)
class Reporting:
    """How referrals are handed in at one hub."""

    analyst: str  #: the login of our system, in every analyst's field
    country: str  #: ours
    clock: Clock
    searches: Searches

    async def advance(
        self, calls: HubCalls, words: Words, message: ReferralMessage, standing: Standing | None, *, in_doubt: bool
    ) -> Turn:
        """Take the next step; `in_doubt` says that the report may have been taken before, and its number lost.

        Raise BadInput for unusable settings, NotSent and EgressRefused as the guard does.
        """
        try:
            body = report_body(message, words, self.analyst)
        except BadInput as error:  # what this one lacks is no fault of the settings
            return standing, Refused(Reason.REFUSED, error.message)
        if standing is not None:
            return await self._go_on(calls, words, message, standing)
        if in_doubt:
            return await self._find(calls, message)
        self.searches.end(message.referral_id)  # who sends it again has looked, or was told that it is not there
        number = await calls.post_report(body)
        if isinstance(number, Refused):  # so does a hub that knows the reference already
            found = await self.searches.of(message.referral_id).look(calls)
            self.searches.end(message.referral_id)
            if isinstance(found, ContentView) and found.report_id is not None:
                return self._found(message, found)
        return self._answered([message], number)[0]

    async def report(self, calls: HubCalls, words: Words, messages: Sequence[ReferralMessage]) -> list[Turn]:
        """Report a page, which stands first, and the files on it in one; return a turn for each.

        None of them may have been taken before. Raise BadInput for what the hub cannot take of any of them.
        """
        body = report_body(messages[0], words, self.analyst, messages[1:])
        for message in messages:
            self.searches.end(message.referral_id)
        return self._answered(messages, await calls.post_report(body))

    def _answered(self, messages: Sequence[ReferralMessage], number: int | Lost | Failed) -> list[Turn]:
        """Say of each what the hub's answer to their report means."""
        if isinstance(number, int):
            return [self._reported(message, number, messages) for message in messages]
        lost = Unknown(Reason.NO_ANSWER, _LOST) if isinstance(number, Lost) else number
        return [(None, lost)] * len(messages)

    def _reported(self, message: ReferralMessage, number: int, messages: Sequence[ReferralMessage]) -> Turn:
        target, is_source = target_of(message), message is messages[0]
        others = {one.referral_id: one.location for one in messages if is_source and one is not message}
        standing = Standing(
            report=number,
            target=target,
            hosted_in=message.hosting.country,
            reported_at=self.clock.now(),
            source=is_source,
            url=None if is_source else message.location,
            others=others,
        )
        return standing, Again(0, _WAITS.format(number, target))

    def _found(self, message: ReferralMessage, content: ContentView) -> Turn:
        """Go on with what the hub turned out to have; what was reported with it shows when the report is read."""
        assert content.report_id is not None
        standing, again = self._reported(message, content.report_id, [message])
        assert standing is not None
        is_source = content.url.is_source_url
        known = {"content": content.content_id, "source": is_source, "url": None if is_source else message.location}
        return standing.model_copy(update=known), again

    async def _find(self, calls: HubCalls, message: ReferralMessage) -> Turn:
        """Look for a report that may be there; where it is not found, a person is asked."""
        search = self.searches.of(message.referral_id)
        before = len(search.read)
        found = await search.look(calls)
        if isinstance(found, ContentView) and found.report_id is not None:
            self.searches.end(message.referral_id)
            return self._found(message, found)
        if isinstance(found, Deferred | Refused):
            return None, found
        if search.is_over(self.clock.now()):
            self.searches.end(message.referral_id)
            return None, Unknown(Reason.NO_ANSWER, _MAY_BE_THERE.format(message.referral_id), for_people=True)
        return None, Again(0 if len(search.read) > before else SEARCH_EVERY, _IS_LOOKED_FOR)

    async def _go_on(self, calls: HubCalls, words: Words, message: ReferralMessage, standing: Standing) -> Turn:
        if standing.told and standing.content is not None:
            content = await calls.content(standing.content)
            if not isinstance(content, ContentView):
                return standing, content
            return await self._give(calls, message, standing, content)
        return await self._read_and_tell(calls, words, message, standing)

    async def _read_and_tell(self, calls: HubCalls, words: Words, message: ReferralMessage, standing: Standing) -> Turn:
        report = await calls.report(standing.report)
        if not isinstance(report, ReportView):
            return standing, report
        if standing.content is not None:
            found: ContentView | Failed | None = await calls.content(standing.content)
        else:
            found = await find_own(calls, report, standing, message.referral_id, message.location)
        if found is None:
            return standing, self._wait(standing, _NO_CONTENT.format(standing.report))
        if not isinstance(found, ContentView):
            return standing, found
        standing = standing.model_copy(update={"content": found.content_id})
        if found.assigned_country_code in {None, self.country}:  # nobody else may say these
            failed = await self._tell(calls, words, message, found, report if standing.source else None, standing)
            if isinstance(failed, Refused):
                return standing, self._wait(standing, _NOT_TOLD.format(standing.report))
            if failed is not None:
                return standing, failed
        return await self._give(calls, message, standing.model_copy(update={"told": True}), found)

    async def _tell(
        self,
        calls: HubCalls,
        words: Words,
        message: ReferralMessage,
        content: ContentView,
        report: ReportView | None,
        standing: Standing,
    ) -> Failed | None:
        """Say what the hub does not show yet of our assessment, then of the source, where it is that."""
        body = assessment_body(message, words, self.analyst)
        if body is not None and not content.assessments:  # the last one counts: whoever came after us knew more
            failed = await calls.put(f"rest/Content/{content.content_id}/assessment", body=body)
            if failed is not None:
                return failed
        if report is None:
            return None
        for path, query, said in missing(source_body(message, words), report):
            failed = await calls.put(f"rest/Reports/{standing.report}/source-url/{path}", query, said)
            if failed is not None:
                return failed
        return None

    async def _give(self, calls: HubCalls, message: ReferralMessage, standing: Standing, content: ContentView) -> Turn:
        """See to it that the country has it; that is so when the hub says so."""
        step = self._whose(standing, content)
        if isinstance(step, Done):
            return await self._give_others(calls, standing.model_copy(update={"given": True}), step)
        if step is not None:
            return standing, step
        failed = await _assign(calls, message, content, standing.target)
        if isinstance(failed, Refused):
            return standing, self._wait(standing, _NOT_GIVEN.format(standing.report, standing.target))
        if failed is not None:
            return standing, failed
        asked = standing.model_copy(update={"asked_at": self.clock.now()})
        return asked, Again(LOOK, _WAITS.format(standing.report, standing.target))

    async def _give_others(self, calls: HubCalls, standing: Standing, done: Done) -> Turn:
        """Give away what else is in the report, some of it in a turn: the hub's crawler found it on the page."""
        if not standing.source:
            return standing, done
        report = await calls.report(standing.report)
        if not isinstance(report, ReportView):
            return standing, report
        numbers = {one.content_id for one in report.report_contents} - {standing.content, *standing.placed}
        for number in sorted(numbers)[:IN_ONE_TURN]:
            content = await calls.content(number)
            if isinstance(content, Deferred):
                return standing, content
            if isinstance(content, ContentView) and is_sibling(content, standing):
                standing = standing.model_copy(update={"siblings": (*standing.siblings, number)})
            is_due = isinstance(content, ContentView) and with_us([content], standing, self.country)
            if is_due and not self._is_late(standing):
                assert isinstance(content, ContentView)
                failed = await give(calls, content, standing.target)
                if isinstance(failed, Deferred):
                    return standing, failed
            else:
                standing = standing.model_copy(update={"placed": (*standing.placed, number)})
        if numbers <= set(standing.placed):
            return standing, done
        return standing, Again(OTHERS, _WAITS.format(standing.report, standing.target))

    def _is_late(self, standing: Standing) -> bool:
        return self._seconds_to(standing.asked_at or standing.reported_at, PATIENCE) <= 0

    def _whose(self, standing: Standing, content: ContentView) -> Result | None:
        """Return what follows from whose the content is now; None when the hub is to be asked to give it away."""
        holder, waiting = content.assigned_country_code, _WAITS.format(standing.report, standing.target)
        if holder == standing.target:
            return Done(f"{standing.report}/{content.content_id}")
        if holder not in {None, self.country}:
            return Elsewhere(holder)
        if standing.asked_at is not None:  # it took our word, and does not show it yet or gave the content back
            return Elsewhere(holder) if self._is_late(standing) else Again(LOOK, waiting)
        left = self._seconds_to(standing.reported_at, SETTLE)
        return Again(left, waiting) if left > 0 else None

    def _wait(self, standing: Standing, text: str) -> Result:
        """Wait for the hub while that is reasonable, then ask people."""
        if self._seconds_to(standing.reported_at, PATIENCE) > 0:
            return Again(LOOK, text)
        return Refused(Reason.REFUSED, text)

    def _seconds_to(self, begun: datetime, span: timedelta) -> float:
        return (begun + span - self.clock.now()).total_seconds()


def missing(said: Mapping[str, Any], report: ReportView) -> Iterator[tuple[str, dict[str, str | int] | None, Any]]:
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
