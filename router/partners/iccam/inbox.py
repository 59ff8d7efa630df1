"""The hub's work for our country, read as its lists name it; other hotlines' contents on them are told apart."""

from collections.abc import Sequence
from datetime import datetime

from router.errors import BadInput
from router.partners.base import Deferred, Reason, Refused
from router.partners.iccam.acts import said
from router.partners.iccam.connection import Connection
from router.partners.iccam.contents import MARK
from router.partners.iccam.hub import MOST, HubCalls
from router.partners.iccam.standing import Again, Done
from router.partners.iccam.steps import missing
from router.partners.iccam.telling import Telling
from router.partners.iccam.wire import (
    AssessmentView,
    ContentView,
    Listed,
    ReportView,
    finding_body,
    unknown_source,
)
from router.partners.iccam.words import Words, WordT
from router.partners.inbox import Finding, HandedIn, Inbox, Page
from schemas.exchange import ActionStatement
from schemas.vocabulary import AgeCategory, Assessment, Commerciality, GenderCategory, PaymentMethod, SiteType

_NOTHING: str = "The hub shows no report of this content; ask the hub's office."


class IccamInbox(Inbox):
    """The inbox of one hub during one turn. Reports are read once in it, however many of their contents are listed."""

    lists = ("no-reference",)
    first = ("unactioned", "unassessed")

    def __init__(self, hub: Connection, seconds: float) -> None:
        """Read for so many seconds, at the pace of what only reads."""
        self.acknowledges = hub.config.acknowledge
        self._seconds = seconds
        self._telling: HubCalls | None = None
        self._hub = hub
        self._calls: HubCalls = hub.pulling(seconds)
        self._reports: dict[int, tuple[ReportView, ContentView | None]] = {}

    async def page(self, name: str, since: datetime) -> Page | Deferred | Refused:
        """Return the contents on a list."""
        failed = await self._hub.learn(self._calls)
        if failed is not None:
            return failed
        found = await self._calls.listed(name, since)
        if not isinstance(found, tuple):
            return found
        return Page(tuple(dict.fromkeys(str(one.content_id) for one in found)), len(found) >= MOST)

    async def read(self, number: str) -> HandedIn | Deferred | Refused:
        """Return one content, with what its report says of it."""
        failed = await self._hub.learn(self._calls)
        if failed is not None:
            return failed
        content = await self._calls.content(int(number))
        if not isinstance(content, ContentView):
            return content
        if content.report_id is None:
            return Refused(Reason.NOT_UNDERSTOOD, _NOTHING)
        report = await self._report(content)
        if not isinstance(report, tuple):
            return report
        await self._hub.understand(self._calls, [content])
        return _handed_in(content, *report, self._hub.words)

    async def acknowledge(self, number: str, reference: str) -> Deferred | Refused | None:
        """Note our reference, which takes the content off the list of those without one."""
        return await self._calls.put(f"rest/Content/{number}/hotline-reference", {"reference": reference})

    async def tell(self, number: str, finding: Finding, acts: Sequence[ActionStatement]) -> Deferred | Refused | None:
        """Tell what we found and did: the assessment, what the report lacks, then each act once."""
        if self._telling is None:
            self._telling = self._hub.pushing(self._seconds)  # one deadline for all that is told in a turn
        calls, words, config = self._telling, self._hub.words, self._hub.config
        if (failed := await self._hub.learn(calls)) is not None:
            return failed
        try:
            assessment = finding_body(finding, words, config.username)
        except BadInput as error:
            return Refused(Reason.REFUSED, error.message)
        telling = Telling(config.username, config.country)
        told = await telling.tell(calls, words, int(number), (), assessment)
        if isinstance(told, Done) and acts:
            failed = await self._complete(calls, int(number))
            told = failed or await telling.tell(calls, words, int(number), acts)
        match told:
            case Done():
                return None
            case Again(seconds=seconds, text=text):
                return Deferred(Reason.NO_ANSWER, text, seconds)
            case _:
                return told

    async def _complete(self, calls: HubCalls, number: int) -> Deferred | Refused | None:
        """Say of the report's source what the hub lacks: it takes no act on a report that is not complete."""
        content = await calls.content(number)
        if not isinstance(content, ContentView) or content.report_id is None:
            return content if isinstance(content, Deferred | Refused) else None
        report = await calls.report(content.report_id)
        if not isinstance(report, ReportView):
            return report
        for path, query, lacking in missing(unknown_source(self._hub.words), report):
            if failed := await calls.put(f"rest/Reports/{content.report_id}/source-url/{path}", query, lacking):
                return failed
        return None

    async def _report(self, content: ContentView) -> tuple[ReportView, ContentView | None] | Deferred | Refused:
        """Return the report of a content and the report's source; None where the hub shows none."""
        number = content.report_id
        assert number is not None
        if number in self._reports:
            return self._reports[number]
        report = await self._calls.report(number)
        if not isinstance(report, ReportView):
            return report
        source = content if content.url.is_source_url else await self._source(report.report_contents)
        if isinstance(source, Deferred):
            return source
        self._reports[number] = report, source
        return self._reports[number]

    async def _source(self, contents: tuple[Listed, ...]) -> ContentView | Deferred | None:
        """Look for the source among a report's contents: mostly the one with the lowest number."""
        for one in sorted(contents, key=lambda each: each.content_id):
            content = await self._calls.content(one.content_id)
            if isinstance(content, Deferred) or (isinstance(content, ContentView) and content.url.is_source_url):
                return content
        return None


def _handed_in(content: ContentView, report: ReportView, source: ContentView | None, words: Words) -> HandedIn:
    last = content.assessments[-1] if content.assessments else AssessmentView()
    is_file = source is not None and source.content_id != content.content_id
    references = (content.hotline_reference, source.hotline_reference if source is not None else None)
    methods = (_word(words, PaymentMethod, one) for one in report.source_url_payment_methods)
    return HandedIn(
        number=str(content.content_id),
        report=str(content.report_id),
        location=content.url.url_string,
        assigned_to=content.assigned_country_code,
        assigned_at=content.country_assignment_date,
        received_at=report.hotline_received_date,
        page=source.url.url_string if is_file and source is not None else None,
        referrer=report.referrer_url or None,
        references=tuple(one.removesuffix(MARK) for one in references if one),
        assessment=_word(words, Assessment, last.classification) or Assessment.UNASSESSED,
        age=_word(words, AgeCategory, last.age_categorization),
        gender=_word(words, GenderCategory, last.gender_categorization),
        site_type=_word(words, SiteType, report.source_url_site_type),
        commerciality=_word(words, Commerciality, report.source_url_commerciality),
        payment_methods=tuple(dict.fromkeys(one for one in methods if one is not None)),
        memo=content.memo or report.memo or None,
        acts=tuple(said(content, words)),
    )


def _word(words: Words, kind: type[WordT], number: int | None) -> WordT | None:
    return None if number is None else words.word_of(kind, number)
