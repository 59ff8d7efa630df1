"""The hub itself: what its members' systems and analysts may do, and what becomes of it. No HTTP here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Final, TypeVar

from router.clock import Clock
from router.world.iccam.bodies import Action, Assessment, NewReport, must_be_known
from router.world.iccam.records import Content, Hotline, Refusal, Report
from router.world.iccam.reporting import check_references, crawled, first_country, new_content, new_report
from router.world.iccam.rules import Rules
from router.world.iccam.words import BASELINE, COUNTRIES, IGNORE, Words, known_words

#: The ids that the recorded exchanges begin with.
FIRST_REPORT: Final = 900_001
FIRST_CONTENT: Final = 7_000_001

RecordT = TypeVar("RecordT", Report, Content)


class Hub:
    """Members, reports and contents, judged by `rules`, which may be changed while it runs.

    `crawls` says what the hub's crawler finds on a page: further URLs, which become contents of its report.
    """

    def __init__(self, clock: Clock, hotlines: Sequence[Hotline], rules: Rules | None = None) -> None:
        """Begin empty, with these members behind it."""
        self.clock = clock
        self.rules = rules or Rules()
        self.words: Words = known_words()
        self.countries: dict[str, tuple[int, str]] = dict(COUNTRIES)
        self.hotlines = {hotline.country: hotline for hotline in hotlines}
        self.reports: dict[int, Report] = {}
        self.contents: dict[int, Content] = {}
        self.crawls: dict[str, tuple[str, ...]] = {}
        self._report_ids = count(FIRST_REPORT)
        self._content_ids = count(FIRST_CONTENT)

    # ---------------------------------------------------------------- reports

    def report(self, hotline: Hotline, body: NewReport) -> Report:
        """Take a new report with its contents. Raise Refusal."""
        body.check(self.words)
        if self.rules.duplicate_reference is not None:
            reports = (one.reference for one in self.reports.values() if one.reporter == hotline.id)
            check_references(body, reports, self._references(hotline), self.rules.duplicate_reference)
        report = new_report(next(self._report_ids), hotline, body, self.clock.now())
        self.reports[report.id] = report
        for url in body.urls:
            content = new_content(next(self._content_ids), report, url, hotline, self.rules)
            self._add(hotline, content)
            if content.is_source:
                for found in crawled(self._content_ids, content, self.crawls.get(url.url_string, ())):
                    self._add(hotline, found)
        return report

    def find_report(self, number: int) -> Report:
        """Return a report. Raise Refusal."""
        return _found(self.reports, number)

    def contents_of(self, report: Report) -> list[Content]:
        """Return what the report shows of its contents; nothing until they have settled."""
        if self._age(report) < timedelta(seconds=self.rules.contents_settle):
            return []
        return list(report.contents)

    def complete(self, number: int, name: str, value: int | list[int]) -> None:
        """Say the site type, commerciality or payment methods of a report's source. Raise Refusal."""
        report = self.find_report(number)
        match name, value:
            case "site-type", int():
                must_be_known(self.words, "site-types", value, "siteType")
                report.site_type = value
            case "commerciality", int():
                must_be_known(self.words, "commercialities", value, "commerciality")
                report.commerciality = value
            case "payment-methods", list():
                for method in value:
                    must_be_known(self.words, "payment-methods", method, "paymentMethods")
                report.payment_methods = list(value)
            case _:
                raise Refusal(404)

    # ---------------------------------------------------------------- contents

    def find_content(self, number: int) -> Content:
        """Return a content; every member may read every one. Raise Refusal."""
        return _found(self.contents, number)

    def assess(self, hotline: Hotline, number: int, body: Assessment) -> None:
        """Add an assessment; the same one again changes nothing. Raise Refusal."""
        content = self._own(hotline, number)
        body.check(self.words)
        if body.as_sent() in content.assessments[-1:]:
            return
        is_settled = content.classification in {BASELINE, IGNORE} or bool(content.actions)
        if self.rules.assessment_final and is_settled:
            raise Refusal(400, assessment="cannot be changed any more")
        content.assessments.append(body.as_sent())

    def act(self, hotline: Hotline, number: int, body: Action) -> None:
        """Add an action, as often as it is told: its client must not tell it twice. Raise Refusal."""
        content = self._own(hotline, number)
        body.check(self.words)
        self._must_have_settled(content)
        if self.rules.assessment_before_action and content.classification is None:
            raise Refusal(400, action="needs an assessment first")
        if self.rules.completion_before_action and not self.reports[content.report_id].is_complete:
            raise Refusal(400, action="needs site type, commerciality and payment methods first")
        told = body.as_sent()
        # The client writes `actioningAnalystName` and reads `analystName`.
        content.actions.append({"analystName": told.pop("actioningAnalystName"), **told})

    def rehost(self, hotline: Hotline, number: int, country: str, ip: str) -> None:
        """Say where a content is hosted now. Raise Refusal."""
        content = self._own(hotline, number)
        content.hosting_country, content.hosting_ip = country, ip or None

    def assign(self, hotline: Hotline, number: int, country: str) -> None:
        """Hand a content over to a country, or to where the hub puts it instead. Raise Refusal."""
        content = self._own(hotline, number)
        self._must_have_settled(content)
        self.reassign(number, self.rules.reassigned.get(country, country))

    def refer(self, hotline: Hotline, number: int, reference: str) -> None:
        """Note a hotline's own reference, which takes the content off its inbox. Raise Refusal."""
        content = self.find_content(number)
        status = self.rules.duplicate_reference
        is_new = content.references.get(hotline.id) != reference
        if status is not None and is_new and reference in self._references(hotline):
            raise Refusal(status, hotlineReference="already used for a content")
        content.references[hotline.id] = reference

    def reassign(self, number: int, country: str | None) -> None:
        """Put a content where the hub wants it: also into no hotline's hands, or back to who reported it."""
        content = self.find_content(number)
        if content.assigned_country != country:
            content.assigned_country = country
            content.assigned_at = None if country is None else self.clock.now()

    def keep(self, report: Report, *contents: Content) -> None:
        """Have a report with its contents as they are: what stood in the hub before a story begins."""
        self.reports[report.id] = report
        for content in contents:
            self.contents[content.id] = content
            report.contents.append(content)

    # ---------------------------------------------------------------- inside

    def _add(self, hotline: Hotline, content: Content) -> None:
        self.keep(self.reports[content.report_id], content)
        self.reassign(content.id, first_country(content, hotline, self.rules))

    def _own(self, hotline: Hotline, number: int) -> Content:
        content = self.find_content(number)
        if self.rules.only_assigned and content.assigned_country != hotline.country:
            raise Refusal(403)
        return content

    def _must_have_settled(self, content: Content) -> None:
        if self._age(content) < timedelta(seconds=self.rules.acts_settle):
            raise Refusal(400, content="is still being processed")

    def _age(self, one: Report | Content) -> timedelta:
        return self.clock.now() - one.created

    def _references(self, hotline: Hotline) -> set[str]:
        return {one.references[hotline.id] for one in self.contents.values() if hotline.id in one.references}


def _found(kept: Mapping[int, RecordT], number: int) -> RecordT:
    try:
        return kept[number]
    except KeyError:
        raise Refusal(404) from None
