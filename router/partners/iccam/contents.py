"""The contents of one report: read all together, and given to whoever has the page they are on.

A page may have a hundred files, and a turn has time for some twenty calls. So a reading goes on where the last one
stopped; what only this process knows of it may be lost, and is read again then.
"""

from collections.abc import Sequence
from typing import Final

from router.partners.base import Deferred
from router.partners.iccam.hub import Failed, HubCalls
from router.partners.iccam.standing import Standing
from router.partners.iccam.wire import ContentView, ReportView

#: Readings that are kept half done; of the oldest, what was read is forgotten.
_MOST: Final = 100


class Readings:
    """Reports whose contents are being read in this process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._under_way: dict[int, dict[int, ContentView | None]] = {}

    async def all_of(self, calls: HubCalls, standing: Standing) -> tuple[ContentView, ...] | Failed:
        """Return the contents of a report, its source first; the next call goes on where this one failed.

        What the hub does not show any more, or to us, is left out, but for the source.
        """
        assert standing.content is not None
        report = await calls.report(standing.report)
        if not isinstance(report, ReportView):
            return report
        read = self._of(standing.report)
        for number in (standing.content, *(one.content_id for one in report.report_contents)):
            if number in read:
                continue
            content = await calls.content(number)
            if isinstance(content, Deferred) or (number == standing.content and not isinstance(content, ContentView)):
                return content
            read[number] = content if isinstance(content, ContentView) else None
        self._under_way.pop(standing.report, None)  # forgotten already, or read by another question as well
        return tuple(one for one in read.values() if one is not None)

    def _of(self, report: int) -> dict[int, ContentView | None]:
        if report not in self._under_way and len(self._under_way) >= _MOST:
            del self._under_way[next(iter(self._under_way))]
        return self._under_way.setdefault(report, {})


def with_us(contents: Sequence[ContentView], standing: Standing, ours: str) -> list[ContentView]:
    """Return what nobody but us has, and belongs to whoever has the page: what the hub's crawler found on it.

    A file that is hosted elsewhere than its page stays with us: where it belongs is for our own decision.
    """
    hosts = {None, standing.target, standing.hosted_in} - {ours}
    return [
        one
        for one in contents
        if one.content_id != standing.content
        and one.assigned_country_code in {None, ours}
        and one.url.hosting_country_code in hosts
    ]


async def give(calls: HubCalls, content: ContentView, country: str) -> Failed | None:
    """Give a content to a country; said again, it changes nothing."""
    return await calls.put(f"rest/Content/{content.content_id}/assigned-country", {"newCountryCode": country})
