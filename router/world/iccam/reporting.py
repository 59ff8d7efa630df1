"""How a posted report becomes what the hub keeps."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from router.world.iccam.bodies import Location, NewReport
from router.world.iccam.records import Content, Hotline, Refusal, Report
from router.world.iccam.rules import AssignedBy, Rules

_DEFAULT_PORTS = {"http": 80, "https": 443}


def new_report(number: int, hotline: Hotline, body: NewReport, now: datetime) -> Report:
    """Return the report itself."""
    return Report(
        id=number,
        reporter=hotline.id,
        analyst=body.reporting_analyst_name,
        received=body.hotline_received_date,
        created=now,
        reference=body.hotline_reference,
        memo=body.memo,
        referrer=body.source_url_referrer,
        site_type=body.source_url_site_type,
        commerciality=body.source_url_commerciality,
        payment_methods=list(body.source_url_payment_methods),
    )


def new_content(number: int, report: Report, url: Location, hotline: Hotline, rules: Rules) -> Content:
    """Return the content of one of the report's URLs; nobody's yet."""
    return Content(
        id=number,
        report_id=report.id,
        url=normalised(url.url_string) if rules.normalise_urls else url.url_string,
        is_source=url.is_source_url,
        created=report.created,
        hosting_country=url.hosting_country_code,
        hosting_ip=url.hosting_ip_address,
        hosting_isp=url.hosting_isp,
        content_type=url.content_type,
        memo=url.memo,
        assessments=[] if url.assessment is None else [url.assessment.as_sent()],
        references={hotline.id: url.hotline_reference},
    )


def crawled(numbers: Iterable[int], source: Content, urls: Iterable[str]) -> Iterator[Content]:
    """Yield what the crawler found on a page: media at the page's host, which nobody has assessed or referred to."""
    for url, number in zip(urls, numbers, strict=False):  # in this order: no id is taken for nothing
        yield Content(
            id=number,
            report_id=source.report_id,
            url=url,
            is_source=False,
            created=source.created,
            hosting_country=source.hosting_country,
            hosting_ip=source.hosting_ip,
            hosting_isp=source.hosting_isp,
            content_type=1,
        )


def first_country(content: Content, hotline: Hotline, rules: Rules) -> str | None:
    """Return whose a new content is."""
    return {
        AssignedBy.REPORTER: hotline.country,
        AssignedBy.HOSTING: content.hosting_country,
        AssignedBy.NOBODY: None,
    }[rules.assigned_by]


def check_references(body: NewReport, used: Iterable[str | None], inside: Iterable[str], status: int) -> None:
    """Raise Refusal for a reference that the hotline gave a report (`used`) or a content (`inside`) before.

    A report's reference may well be that of its source URL: the public client always sends the same for both.
    """
    if body.hotline_reference in set(used):
        raise Refusal(status, hotlineReference="already used for a report")
    given = [url.hotline_reference for url in body.urls]
    if len(set(given)) < len(given) or set(given) & set(inside):
        raise Refusal(status, hotlineReference="already used for a content")


def normalised(url: str) -> str:
    """Return the URL as a hub might write it: host in lower case, no default port, no fragment, a path at least."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return urlunsplit((parts.scheme, host + port, parts.path or "/", parts.query, ""))
