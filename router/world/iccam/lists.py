"""The lists of work that a member may ask for.

Their names and parameters are the client's; what each holds is read from its comments and from the stages that it tells
of, and is a guess where those are silent. A list says ids only and has no pages: whoever wants more asks again with a
later date.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from router.world.iccam.hub import Hub
from router.world.iccam.records import Content, Hotline, Refusal
from router.world.iccam.words import UNAVAILABLE

#: How the client writes the date: UTC, without a zone.
DATE: Final = "%Y-%m-%d %H:%M:%S"
#: How many are listed when nothing is asked for.
USUAL: Final = 30

Test: TypeAlias = Callable[[Hub, Hotline, Content], bool]


def _no_reference(_hub: Hub, hotline: Hotline, content: Content) -> bool:
    """Handed to this hotline, which has not said yet that it took it."""
    return content.assigned_country == hotline.country and hotline.id not in content.references


def _unassessed(_hub: Hub, hotline: Hotline, content: Content) -> bool:
    return content.assigned_country == hotline.country and content.classification is None


def _unactioned(hub: Hub, hotline: Hotline, content: Content) -> bool:
    """Classified, its report complete, and no final action taken."""
    is_ready = content.classification is not None and hub.reports[content.report_id].is_complete
    return content.assigned_country == hotline.country and is_ready and not content.is_finished


def _offline(_hub: Hub, hotline: Hotline, content: Content) -> bool:
    gone = any(action["actionType"] == UNAVAILABLE for action in content.actions)
    return content.assigned_country == hotline.country and gone


def _orphaned(hub: Hub, _hotline: Hotline, content: Content) -> bool:
    """Given to a country where no member is."""
    return content.assigned_country is not None and content.assigned_country not in hub.hotlines


def _unassigned(_hub: Hub, hotline: Hotline, content: Content) -> bool:
    """Hosted here and in nobody's hands."""
    return content.assigned_country is None and content.hosting_country == hotline.country


LISTS: Final[Mapping[str, Test]] = {
    "no-reference": _no_reference,
    "unassessed": _unassessed,
    "unactioned": _unactioned,
    "offline": _offline,
    "orphaned": _orphaned,
    "unassigned-to-hotline": _unassigned,
}


def listed(hub: Hub, hotline: Hotline, name: str, query: Mapping[str, str]) -> list[dict[str, int]]:
    """Return one list: oldest assignment first, unless the rules say otherwise. Raise Refusal."""
    asked, start = _parameters(name, query)
    found = [
        content
        for content in hub.contents.values()
        if LISTS[name](hub, hotline, content) and (start is None or _assigned(content) >= start)
    ]
    found.sort(key=lambda one: (_assigned(one), one.id), reverse=hub.rules.newest_first)
    return [{"contentId": one.id, "reportId": one.report_id} for one in found[: min(asked, hub.rules.most_results)]]


def _parameters(name: str, query: Mapping[str, str]) -> tuple[int, datetime | None]:
    date = "hotlineAssignmentStartDate" if name == "offline" else "countryAssignmentStartDate"
    if unknown := set(query) - {"maxResults", date}:
        raise Refusal(400, **dict.fromkeys(unknown, "unknown parameter"))
    try:
        start = datetime.strptime(query[date], DATE).replace(tzinfo=UTC) if date in query else None
        return int(query.get("maxResults", USUAL)), start
    except ValueError:
        raise Refusal(400, query="cannot be read") from None


def _assigned(content: Content) -> datetime:
    return content.assigned_at or content.created
