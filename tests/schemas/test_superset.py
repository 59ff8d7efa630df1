"""Any superset of a valid document is read as that document, and what was not read of it is given back whole."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas.exchange import InboxAnswers, ReferralMessage, StatusAnswers
from schemas.superset import superset
from schemas.vocabulary import Assessment, Urgency
from tests.referrals import a_message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
LATER = st.dictionaries(st.text(max_size=12), JSON, max_size=3)
WORDS = st.from_regex(r"later_[a-z]{3}", fullmatch=True)


WHOLE: dict[str, Any] = {
    **a_message().model_dump(mode="json", exclude_none=True),
    "ways_in": [{"referrer": "https://a.test/", "login": {"username": "u"}}, {"steps": ["one"]}],
    "account": {"platform": "p", "handle": "h"},
    "payment_methods": ["visa", "sms"],
    "site_type": "forum",
}


def whole() -> dict[str, Any]:
    """A message with every part that has fields of its own, to be changed."""
    return deepcopy(WHOLE)


def objects(document: Any) -> list[dict[str, Any]]:
    """Every object of a document, itself among them."""
    if isinstance(document, dict):
        return [document, *(one for value in document.values() for one in objects(value))]
    return [one for value in document for one in objects(value)] if isinstance(document, list) else []


def read(document: dict[str, Any], word: type[BaseModel]) -> tuple[BaseModel, dict[str, Any]]:
    known, unread = superset(document, word)
    return word.model_validate_json(json.dumps(known)), unread


@given(st.data())
def test_a_superset_means_what_its_known_part_means(data: st.DataObject) -> None:
    document, added = whole(), 0
    names = {name for one in objects(document) for name in one} | set(ReferralMessage.model_fields)
    names |= {"country", "ip", "role", "password", "required_country", "steps", "login", "referrer"}
    before, nothing = read(whole(), ReferralMessage)
    assert nothing == {}
    for one in objects(document):
        later = {name: value for name, value in data.draw(LATER).items() if name not in names}
        one.update(later)
        added += len(later)
    found, unread = read(document, ReferralMessage)
    assert found == before
    assert sum(len(one) for one in objects(unread)) >= added
    assert bool(unread) is (added > 0)


@given(WORDS, st.sampled_from(["site_type", "commerciality", "age", "gender"]))
def test_an_unknown_word_of_what_may_be_missing_is_missing_and_kept(word: str, name: str) -> None:
    found, unread = read({**whole(), name: word}, ReferralMessage)
    assert found == read({key: value for key, value in whole().items() if key != name}, ReferralMessage)[0]
    assert unread == {name: word}


@given(WORDS)
def test_in_a_list_the_known_words_stay(word: str) -> None:
    found, unread = read({**whole(), "payment_methods": ["visa", word, "sms"]}, ReferralMessage)
    assert found == read(whole(), ReferralMessage)[0]
    assert unread == {"payment_methods": {"1": word}}


@given(WORDS)
def test_what_we_do_not_know_fails_towards_people(word: str) -> None:
    document = {**whole(), "urgency": word, "assessment": {"value": word}}
    found, unread = read(document, ReferralMessage)
    assert isinstance(found, ReferralMessage)
    assert (found.urgency, found.assessment.value) == (Urgency.IMMINENT_RISK, Assessment.UNASSESSED)
    assert unread == {"urgency": word, "assessment": {"value": word}}


@pytest.mark.parametrize("wrong", ["", "a b", "x" * 65, "\x00", "7", 7, ["x"]])
def test_what_is_no_word_is_a_mistake(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        read({**whole(), "urgency": wrong}, ReferralMessage)


def test_what_must_be_there_is_not_left_out() -> None:
    with pytest.raises(ValidationError, match="kind"):
        read({**whole(), "kind": "hologram"}, ReferralMessage)


def test_a_partners_own_action_is_a_word() -> None:
    said = {"action": "HandedToEuropol", "at": "2026-11-21T10:00:00Z", "by_whom": "x"}
    document = {"statuses": [{"referral_id": "1", "known": True, "actions": [said]}], "more": 1}
    found, unread = read(document, StatusAnswers)
    assert isinstance(found, StatusAnswers)
    assert found.statuses[0].actions[0].action == "HandedToEuropol"
    assert unread == {"statuses": {"0": {"actions": {"0": {"by_whom": "x"}}}}, "more": 1}
    assert superset({"answers": []}, InboxAnswers) == ({"answers": []}, {})
