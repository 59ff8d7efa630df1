"""The lists of work."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from router.world.iccam.hub import Hub
from router.world.iccam.lists import LISTS, USUAL, listed
from router.world.iccam.records import Refusal
from tests.world.iccam.members import ASSESSMENT, DE, NL, NOW, a_content, a_report

COMPLETE: Mapping[str, Any] = {"site_type": 2, "commerciality": 1, "payment_methods": [1]}
LEA, REMOVED, UNAVAILABLE = ({"actionType": number} for number in (1, 3, 4))
ASSESSED = {"assessments": [ASSESSMENT]}
TAKEN = {"references": {NL.id: "ours"}}


def names(hub: Hub, country: str = "NL") -> set[str]:
    """The lists on which the one content of the hub stands for that hotline."""
    return {name for name in LISTS if listed(hub, hub.hotlines[country], name, {})}


@pytest.mark.parametrize(
    ("report", "content", "on"),
    [
        (
            {},
            {},
            (
                "no-reference",
                "unassessed",
            ),
        ),
        ({}, ASSESSED, ("no-reference",)),
        (COMPLETE, ASSESSED | TAKEN, ("unactioned",)),
        (COMPLETE, ASSESSED | TAKEN | {"actions": [LEA]}, ("unactioned",)),
        (COMPLETE, ASSESSED | TAKEN | {"actions": [LEA, REMOVED]}, ()),
        (COMPLETE, ASSESSED | TAKEN | {"actions": [UNAVAILABLE]}, ("offline",)),
        ({}, TAKEN, ("unassessed",)),
        (COMPLETE, ASSESSED | {"assigned_country": "DE"}, ()),
        ({}, {"assigned_country": "MD"}, ("orphaned",)),
        ({}, {"assigned_country": None, "assigned_at": None}, ("unassigned-to-hotline",)),
        ({}, {"assigned_country": None, "assigned_at": None, "hosting_country": "FR"}, ()),
    ],
)
def test_a_content_stands_where_work_waits(
    hub: Hub, report: Mapping[str, Any], content: Mapping[str, Any], on: tuple[str, ...]
) -> None:
    hub.keep(a_report(**report), a_content(**content))
    assert names(hub) == set(on)


def test_another_hotlines_reference_takes_nothing_off_the_inbox(hub: Hub) -> None:
    hub.keep(a_report(), a_content(assigned_country="DE", **TAKEN))
    assert (names(hub), names(hub, "DE")) == (set(), {"no-reference", "unassessed"})


def test_a_list_begins_at_the_date_that_is_asked_for(hub: Hub) -> None:
    hub.keep(a_report(), *(a_content(hour, assigned_at=NOW + timedelta(hours=hour)) for hour in range(3)))
    found = listed(hub, NL, "no-reference", {"countryAssignmentStartDate": "2026-11-29 11:00:00"})
    assert found == [{"contentId": 1, "reportId": 900_001}, {"contentId": 2, "reportId": 900_001}]


def test_a_list_is_short_unless_more_is_asked_for(hub: Hub) -> None:
    hub.keep(a_report(), *map(a_content, range(100)))
    sizes = [len(listed(hub, NL, "no-reference", query)) for query in ({}, {"maxResults": "60"}, {"maxResults": "5"})]
    assert sizes == [USUAL, 60, 5]


@pytest.mark.parametrize(
    "query",
    [
        {"maxResults": "many"},
        {"countryAssignmentStartDate": "29-11-2026"},
        {"hotlineAssignmentStartDate": "2026-11-29 11:00:00"},
        {"page": "2"},
    ],
)
def test_what_cannot_be_read_is_refused(hub: Hub, query: Mapping[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        listed(hub, DE, "no-reference", query)
    assert refused.value.status == 400


def test_offline_has_a_date_of_another_name(hub: Hub) -> None:
    hub.keep(a_report(), a_content(actions=[UNAVAILABLE]))
    assert len(listed(hub, NL, "offline", {"hotlineAssignmentStartDate": "2026-11-29 10:00:00"})) == 1
