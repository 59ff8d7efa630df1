"""The judge finds what is wrong: each test spoils one thing of a story that went well."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from router.demo.judge import Check, Evidence, judge
from router.world.story import CANADA, TALES

Spoil: TypeAlias = Callable[[Evidence], object]


def failed(found: Evidence) -> list[str]:
    return [check.text for check in judge(found) if not check.ok]


def case(found: Evidence, reference: str) -> dict[str, Any]:
    file: dict[str, Any] = found.home[found.reported[reference].case]
    return file


def lose(found: Evidence, partner: str) -> None:
    found.held[partner].pop(0)


def duplicate(found: Evidence, partner: str) -> None:
    """As a peer holds what came under two referral ids: a second report in the one open case of the location."""
    items = found.held[partner][0]["items"]
    items.append({**items[0], "report": "another-referral"})


def reopened(found: Evidence, partner: str) -> None:
    """The same after the peer had closed the first one: a second case."""
    first = found.held[partner][0]
    found.held[partner].append({**first, "items": [{**first["items"][0], "report": "another-referral"}]})


def deliver_to_the_wrong_one(found: Evidence) -> None:
    content, _ = found.hub[0]
    found.held[CANADA].append({"location": content["url"], "items": content["items"]})


def test_a_story_that_went_well_has_nothing_wrong(first_day: Evidence, last_day: Evidence) -> None:
    assert (failed(first_day), failed(last_day)) == ([], [])


def test_every_tale_is_judged(first_day: Evidence) -> None:
    texts = [check.text for check in judge(first_day)]
    assert [tale.reference for tale in TALES if not any(tale.reference in text for text in texts)] == []


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda found: found.hub.clear(), "held by iccam"),
        (lambda found: lose(found, CANADA), "held by cybertip-ca"),
        (lambda found: found.police.clear(), "held by federal-police"),
        (lambda found: duplicate(found, CANADA), "nobody got it twice"),
        (lambda found: found.hub.append((found.hub[0][0], "DE")), "the hub gave it to NL"),
        (lambda found: reopened(found, CANADA), "nobody got it twice"),
        (lambda found: found.police.append(found.police[0]), "nobody got it twice"),
        (deliver_to_the_wrong_one, "W-2026-1001 (hosted in the Netherlands): held by iccam"),
    ],
    ids=[
        "lost at the hub",
        "lost in CA",
        "lost at the police",
        "twice in CA",
        "given to another country",
        "again in CA",
        "twice at the police",
        "wrong partner",
    ],
)
def test_what_the_partners_hold_is_what_counts(first_day: Evidence, spoil: Spoil, complaint: str) -> None:
    spoil(first_day)
    assert any(complaint in text for text in failed(first_day))


@pytest.mark.parametrize(
    ("reference", "spoiled", "complaint"),
    [
        ("W-2026-1001", {"hosting_country": "US"}, "hosted in NL"),
        ("W-2026-1010", {"hosting_country": "US"}, "no single country"),
        ("W-2026-1006", {"desk": None}, "W-2026-1006 (not assessed yet): on the desk"),
        ("W-2026-1002", {"desk": "doubtful"}, "not on the desk"),
        ("W-2026-1002", {"next_at": None}, "next date"),
    ],
)
def test_a_wrong_case_of_home_is_found(
    first_day: Evidence, reference: str, spoiled: dict[str, object], complaint: str
) -> None:
    case(first_day, reference)["summary"].update(spoiled)
    assert any(complaint in text for text in failed(first_day))


@pytest.mark.parametrize(
    ("text_of", "complaint"),
    [
        (lambda found: found.reported["W-2026-1006"].report.memo, "its memo never left"),
        (lambda found: "guest", "its login never left"),
    ],
)
def test_what_must_not_leave_is_looked_for_everywhere(
    first_day: Evidence, text_of: Callable[[Evidence], str], complaint: str
) -> None:
    first_day.held[CANADA][0]["items"][0]["somewhere"] = [{"deep": text_of(first_day)}]
    assert any(complaint in text for text in failed(first_day))


def test_what_must_arrive_is_missed(first_day: Evidence) -> None:
    for file in (*(content for content, _ in first_day.hub), *first_day.held[CANADA]):
        assert isinstance(file, dict)
        file["items"] = [{**one, "ways_in": None, "account": None} for one in file["items"]]
    complaints = failed(first_day)
    assert any("the way in arrived" in text for text in complaints)
    assert any("the suspect's account arrived" in text for text in complaints)


def test_a_message_that_the_police_did_not_believe_is_found(first_day: Evidence) -> None:
    assert failed(replace(first_day, rejected=1)) == ["the police could open and believe every bundle"]


def test_an_acceptance_without_receipt_is_found(first_day: Evidence) -> None:
    case(first_day, "W-2026-1001")["referrals"][0]["receipt"] = None
    assert failed(first_day) == ["every accepted referral has the partner's receipt"]


@pytest.mark.parametrize(
    ("reference", "spoil", "complaint"),
    [
        ("W-2026-1017", lambda file: file["summary"].update(outcome="removed"), "closed as unavailable"),
        ("W-2026-1002", lambda file: file["summary"].update(outcome="removed"), "still open"),
        ("W-2026-1001", lambda file: file.update(rests_on=None), "says what that rests on"),
        ("W-2026-1016", lambda file: file["referrals"][1].update(supersedes=None), "linked to the first"),
    ],
)
def test_a_wrong_ending_is_found(
    last_day: Evidence, reference: str, spoil: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    spoil(case(last_day, reference))
    assert any(complaint in text for text in failed(last_day))


def test_what_moved_must_be_held_by_both(last_day: Evidence) -> None:
    location = last_day.reported["W-2026-1016"].location
    last_day.hub[:] = [one for one in last_day.hub if one[0]["url"] != location]
    assert failed(last_day) == [
        "W-2026-1016 (a host that moves to another country): held by cybertip-ca and iccam",
        "W-2026-1016 (a host that moves to another country): the hub gave it to NL",
    ]


def content_of(found: Evidence, place: int) -> int:
    """Where the hub's content stands of one of the places of the report with files."""
    one = found.reported["W-2026-1019"]
    url = (one.location, *(location for location, _ in one.files))[place]
    return next(at for at, (content, _) in enumerate(found.hub) if content["url"] == url)


@pytest.mark.parametrize(
    ("place", "spoiled", "complaint"),
    [
        (2, {"in": 2}, "all of it is one report at the hub"),
        (2, {"source": True}, "the page is what that report is about"),
        (3, {"assessed": []}, "each has its own assessment"),
        (0, {"acts": [3]}, "police and host were told of each there"),
        (3, {"acts": [1, 2]}, "each was removed"),
    ],
)
def test_what_the_hub_holds_of_a_page_and_its_files_counts(
    last_day: Evidence, place: int, spoiled: dict[str, object], complaint: str
) -> None:
    at = content_of(last_day, place)
    last_day.hub[at] = ({**last_day.hub[at][0], **spoiled}, last_day.hub[at][1])
    assert any(complaint in text for text in failed(last_day))


def test_a_file_that_is_not_where_it_moved_is_found(last_day: Evidence) -> None:
    at = content_of(last_day, 3)
    last_day.hub[at] = (last_day.hub[at][0], "NL")
    assert failed(last_day) == [
        "W-2026-1019 (a page with three files): what moved is with the country it moved to, the rest where it was"
    ]


def test_a_file_whose_case_stays_open_or_whose_source_hears_nothing_is_found(last_day: Evidence) -> None:
    _, case_id = last_day.reported["W-2026-1019"].files[1]
    last_day.home[case_id]["summary"]["outcome"] = None
    assert any("each case is closed as removed" in text for text in failed(last_day))
    assert any("its source reads" in text for text in failed(replace(last_day, followed={})))


def test_a_check_says_what_was_expected() -> None:
    assert Check("it arrived", ok=False).text == "it arrived"


def test_a_number_of_the_police_that_stands_nowhere_is_found(first_day: Evidence) -> None:
    assert failed(replace(first_day, numbers={"a-referral": "FP/1"})) == [
        "the police's number stands on everything they have"
    ]
