"""The contents of one report: which of them is a referral's own, and what of the others goes with the page.

A page may have a hundred files, and a turn has time for some twenty calls. So a reading goes on where the last one
stopped; what only this process knows of it may be lost, and is read again then.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from router.partners.base import Deferred
from router.partners.iccam.hub import Failed, HubCalls
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView

#: Readings that are kept half done; of the oldest, what was read is forgotten.
_MOST: Final = 100
#: Stands behind our reference of what was taken back: nothing at the hub deletes a report, and so it says why it stays.
MARK: Final = "-withdrawn"
_USUAL_PORTS: Final = {"http": 80, "https": 443}


class Readings:
    """Reports whose contents are being read in this process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._under_way: dict[int, dict[int, ContentView | None]] = {}

    async def all_of(self, calls: HubCalls, standing: Standing) -> tuple[ContentView, ...] | Failed:
        """Return a referral's contents, its own first; the next call goes on where this one failed.

        A page has what the hub's crawler found on it as well, but nothing that was reported with it. What the hub does
        not show any more, or to us, is left out, but for its own.
        """
        assert standing.content is not None
        if not standing.source:
            content = await calls.content(standing.content)
            return (content,) if isinstance(content, ContentView) else content
        report = await calls.report(standing.report)
        if not isinstance(report, ReportView):
            return report
        read = self._of(standing.report)
        others = (one.content_id for one in report.report_contents if one.content_id not in standing.siblings)
        for number in (standing.content, *others):
            if number in read:
                continue
            content = await calls.content(number)
            if isinstance(content, Deferred) or (number == standing.content and not isinstance(content, ContentView)):
                return content
            read[number] = content if isinstance(content, ContentView) else None
        self._under_way.pop(standing.report, None)  # forgotten already, or read by another question as well
        found = (one for one in read.values() if one is not None)
        return tuple(one for one in found if one.content_id == standing.content or not is_sibling(one, standing))

    def _of(self, report: int) -> dict[int, ContentView | None]:
        if report not in self._under_way and len(self._under_way) >= _MOST:
            del self._under_way[next(iter(self._under_way))]
        return self._under_way.setdefault(report, {})


async def find_own(
    calls: HubCalls, report: ReportView, standing: Standing, reference: str, url: str | None
) -> ContentView | Failed | None:
    """Return a referral's own content; None while the hub does not show it.

    It is the report's source, or has our reference. Where the hub shows no references it is what has the URL as we
    wrote it, or as a hub may write it: so what looks like it is read first.
    """
    listed = sorted(report.report_contents, key=lambda one: not same_place(one.url_string, url))
    alike = None
    for one in listed:
        if alike is not None and not same_place(one.url_string, url):
            break  # all that looks like it was read
        content = await calls.content(one.content_id)
        if not isinstance(content, ContentView):
            return content
        if standing.source:
            if content.url.is_source_url:
                return content
        elif has_reference(content, reference):
            return content
        elif alike is None and _is_alike(content, url):
            alike = content
    return alike


def _is_alike(content: ContentView, url: str | None) -> bool:
    """Tell whether a content may be a file of ours, by its URL alone."""
    is_unnamed = content.hotline_reference is None and not content.url.is_source_url
    return is_unnamed and same_place(content.url.url_string, url)


def is_sibling(content: ContentView, standing: Standing) -> bool:
    """Tell whether another content of a page's report was reported with it, so that a referral of its own sees to it.

    What the hub's crawler found has no reference of ours.
    """
    if content.content_id in standing.siblings or content.hotline_reference is not None:
        return True
    return any(same_place(content.url.url_string, url) for url in standing.others.values())


def has_reference(content: ContentView, reference: str) -> bool:
    """Tell whether a content stands under our reference, also where it was taken back."""
    return content.hotline_reference is not None and content.hotline_reference.removesuffix(MARK) == reference


def same_place(one: str | None, other: str | None) -> bool:
    """Tell whether two URLs differ in no more than a hub may have changed.

    That is: capitals of the host, its usual port, what is escaped, an empty path, and the fragment.
    """
    if one is None or other is None:
        return False
    return one == other or _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return (url,)
    scheme = parts.scheme.lower()
    usual = "" if port in {None, _USUAL_PORTS.get(scheme)} else str(port)
    return scheme, (parts.hostname or "").rstrip("."), usual, unquote(parts.path) or "/", unquote(parts.query)


def with_us(contents: Iterable[ContentView], standing: Standing, ours: str) -> list[ContentView]:
    """Return what nobody but us has, and belongs to whoever has the page: what the hub's crawler found on it.

    A file that is hosted elsewhere than its page stays with us: where it belongs is for our own decision. So does what
    was reported with the page, which has a referral of its own.
    """
    hosts = {None, standing.target, standing.hosted_in} - {ours}
    return [
        one
        for one in contents
        if one.content_id != standing.content
        and one.assigned_country_code in {None, ours}
        and one.url.hosting_country_code in hosts
        and not is_sibling(one, standing)
    ]


async def give(calls: HubCalls, content: ContentView, country: str) -> Failed | None:
    """Give a content to a country; said again, it changes nothing."""
    return await calls.put(f"rest/Content/{content.content_id}/assigned-country", {"newCountryCode": country})
