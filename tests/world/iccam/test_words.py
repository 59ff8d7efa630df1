"""The enumerations: each hub has its own copy, and the numbers that the code names are the ones it serves."""

import re
from enum import StrEnum

import pytest

from router.world.iccam import words
from router.world.iccam.words import FINAL, REASONED, REASONS, known_words
from schemas import vocabulary


def test_a_hub_may_learn_a_word_without_teaching_the_next_one() -> None:
    known_words()["classifications"][9] = "Something new"
    assert 9 not in known_words()["classifications"]


def test_the_named_actions_are_served() -> None:
    served = known_words()["action-types"]
    named = {served[number]: number for number in served}
    assert (named["ReportedToLEA"], named["ReportedToISP"]) == (words.REPORTED_TO_LEA, words.REPORTED_TO_ISP)
    assert {served[number] for number in FINAL} == {"Removed", "Unavailable", "NotIllegal"}
    assert REASONED < FINAL
    assert sorted(REASONS) == list(range(1, 22))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("site-types", vocabulary.SiteType),
        ("commercialities", vocabulary.Commerciality),
        ("payment-methods", vocabulary.PaymentMethod),
        ("age-categories", vocabulary.AgeCategory),
        ("gender-categories", vocabulary.GenderCategory),
    ],
)
def test_the_hub_and_the_product_know_the_same_words(name: str, ours: type[StrEnum]) -> None:
    theirs = {re.sub(r"[ -]", "_", word.lower()) for word in known_words()[name].values()}
    assert theirs == {word.value for word in ours}
