"""The hub's ids beside our words: by the hub's own lists, which grow and may be numbered anew."""

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.partners.iccam.words import LIST_OF, REASONS, List, Words
from router.world.iccam import words as world
from schemas.vocabulary import ActionType, AgeCategory, Assessment, SiteType
from tests.partners.iccam.lexicon import all_words, served

#: Moved is no action at the hub but two calls, Other is any that we have no word for; unassessed is no assessment.
NOT_IN_ANY_LIST = {ActionType.MOVED, ActionType.OTHER, Assessment.UNASSESSED}


@pytest.fixture
def words() -> Words:
    return all_words()


@pytest.mark.parametrize("kind", LIST_OF, ids=lambda kind: kind.__name__)
def test_every_word_of_ours_has_one_id_and_comes_back(words: Words, kind: type[StrEnum]) -> None:
    ours = [word for word in kind if word not in NOT_IN_ANY_LIST]
    numbers = [words.id_of(word) for word in ours]
    assert len(set(numbers)) == len(ours)
    assert [words.word_of(kind, number) for number in numbers] == ours


def test_the_ids_are_those_of_v3(words: Words) -> None:
    ids = [words.id_of(word) for word in (Assessment.NATIONAL, ActionType.NOT_ILLEGAL, SiteType.IMAGE_HOST)]
    assert ids == [2, 6, 20]


def test_a_list_that_is_numbered_anew_sends_nothing_wrong(words: Words) -> None:
    words.learn(List.ACTIONS, served(List.ACTIONS, {7: "NotIllegal", 6: "Something new"}))
    assert words.id_of(ActionType.NOT_ILLEGAL) == 7
    assert words.word_of(ActionType, 6) is None


@pytest.mark.parametrize("word", [ActionType.MOVED, AgeCategory.INFANT, Assessment.UNASSESSED])
def test_a_word_that_the_hub_has_not_is_named_and_not_replaced(words: Words, word: StrEnum) -> None:
    words.learn(List.AGES, served(List.AGES, {1: "Not categorised"}))
    with pytest.raises(BadInput, match=word.value):
        words.id_of(word)


def test_an_id_without_a_word_is_kept_and_shown(words: Words) -> None:
    words.learn(List.ACTIONS, served(List.ACTIONS, {**world.known_words()["action-types"], 8: "Reported to somebody"}))
    assert words.word_of(ActionType, 8) is None
    assert words.shown(List.ACTIONS, 8) == "Reported to somebody (8)"
    assert words.shown(List.ACTIONS, 99) == "action-types 99"
    assert words.id_of(ActionType.REMOVED) == 3


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html>", b'{"items":[]}', b"[]", b'["Removed"]', b'[{"id":3}]', b"null"]
)
def test_what_is_no_list_changes_nothing(words: Words, body: bytes) -> None:
    assert not words.learn(List.ACTIONS, body)
    assert words.id_of(ActionType.REMOVED) == 3


@pytest.mark.parametrize("odd", ["", "x" * 301, "two\nlines", "\u0000", 7, None])
def test_a_row_that_cannot_be_shown_is_left_out(words: Words, odd: object) -> None:
    body = json.dumps([{"type": 8, "name": odd}, {"type": 3, "name": "Removed", "more": 1}]).encode()
    assert words.learn(List.ACTIONS, body)
    assert words.lists[List.ACTIONS] == {3: "Removed"}


@given(st.binary())
def test_nothing_that_a_hub_serves_breaks_the_reading(body: bytes) -> None:
    Words().learn(List.AGES, body)


def test_the_reasons_are_those_of_the_api() -> None:
    assert dict(REASONS) == dict(world.REASONS)
