"""What a hotline did, read back: its acts with their dates and reasons, and where the content went."""

from datetime import timedelta
from typing import Any

import pytest

from router.partners.iccam.acts import Given, acts_of
from router.partners.iccam.wire import ContentView
from router.partners.iccam.words import List, Words
from router.world.iccam import words as world
from schemas.vocabulary import ActionType
from tests.partners.iccam.lexicon import all_words, served
from tests.partners.iccam.stage import START

LATER = START + timedelta(days=3)
HERE = Given("NL", "NL")


def action(kind: int, hour: int = 10, **said: Any) -> dict[str, Any]:
    return {"actionType": kind, "analystName": "Anna", "actionDate": f"2026-11-29T{hour:02}:00:00Z"} | said


def content(*actions: dict[str, Any], assigned: str | None = "NL", hosted: str = "NL", **said: Any) -> ContentView:
    url = {"urlString": "https://bad.test/", "isSourceUrl": True, "hostingCountryCode": hosted}
    known = {"contentId": 7, "url": url, "assignedCountryCode": assigned, "actions": actions}
    return ContentView.model_validate(known | said)


@pytest.fixture
def words() -> Words:
    return all_words()


def test_acts_come_with_their_dates_oldest_first(words: Words) -> None:
    found = acts_of(content(action(3, 15), action(1, 11), action(2, 12)), words, HERE, LATER)
    assert [(one.action, one.at.hour) for one in found.statements] == [
        (ActionType.REPORTED_TO_LEA, 11),
        (ActionType.REPORTED_TO_ISP, 12),
        (ActionType.REMOVED, 15),
    ]
    assert not found.is_elsewhere


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ({"reasonId": 15}, "NudismOrNotSexualized"),
        ({"reasonId": 99}, "reason 99"),
        ({}, None),
        ({"reasonId": None}, None),
    ],
)
def test_a_reason_comes_in_the_hubs_word(words: Words, reason: dict[str, Any], word: str | None) -> None:
    (statement,) = acts_of(content(action(6, **reason)), words, HERE, LATER).statements
    assert (statement.action, statement.reason) == (ActionType.NOT_ILLEGAL, word)


def test_an_act_of_a_new_kind_is_shown_and_hides_no_other(words: Words) -> None:
    words.learn(List.ACTIONS, served(List.ACTIONS, {**world.known_words()["action-types"], 8: "ReportedToSomebody"}))
    found = acts_of(content(action(8), action(9), action(3)), words, HERE, LATER)
    assert [(one.action, one.reason) for one in found.statements] == [
        (ActionType.OTHER, "ReportedToSomebody (8)"),
        (ActionType.OTHER, "action-types 9"),
        (ActionType.REMOVED, None),
    ]


@pytest.mark.parametrize("date", ["2026-11-30T10:00:00Z", None])
def test_what_went_where_it_is_hosted_now_was_moved(words: Words, date: str | None) -> None:
    seen = content(action(1), assigned="DE", hosted="DE", countryAssignmentDate=date)
    found = acts_of(seen, words, HERE, LATER)
    last = found.statements[-1]
    assert (last.action, last.moved_to, found.is_elsewhere) == (ActionType.MOVED, "DE", False)
    assert last.at == (LATER if date is None else START + timedelta(days=1))


@pytest.mark.parametrize(("assigned", "hosted"), [("BE", "NL"), ("FR", "NL"), (None, "NL"), (None, "DE"), ("FR", "DE")])
def test_what_went_elsewhere_without_moving_is_no_act_of_its_hotline(
    words: Words, assigned: str | None, hosted: str
) -> None:
    found = acts_of(content(action(1), assigned=assigned, hosted=hosted), words, HERE, LATER)
    assert [one.action for one in found.statements] == [ActionType.REPORTED_TO_LEA]
    assert (found.holder, found.is_elsewhere) == (assigned, True)


def test_an_orphan_that_stays_with_who_deals_with_it_is_not_moved(words: Words) -> None:
    """Hosted in Moldova, dealt with by the United Kingdom, and then by Moldova: nothing moved, others deal with it."""
    found = acts_of(content(assigned="MD", hosted="MD"), words, Given("GB", "MD"), LATER)
    assert (found.statements, found.holder, found.is_elsewhere) == ((), "MD", True)
