import pytest

from router.casework.case.acts import NEXT_STEPS
from router.console.report_words import ADVICE, ADVICE_NAMES, AGE, DESK, GENDER, PAYMENT
from schemas.casefile import DeskCode
from schemas.vocabulary import AgeCategory, GenderCategory, PaymentMethod


def test_every_category_has_words() -> None:
    assert set(AGE) == set(AgeCategory)
    assert set(GENDER) == set(GenderCategory)
    assert set(PAYMENT) == set(PaymentMethod)


#: What a sentence says when it asks for one of these acts, on the case or on one of its referrals.
NAMES = {
    "reveal": ("reveal it",),
    "done": ("say that it is done", "nothing more is to be done"),
    "look": ("say below what you saw", "then say what you saw"),
    "retrace": ("trace again", "trace it again"),
    "assess": ("say what it is", "say what you find"),
    "not-illegal": ("not illegal ends it",),
    "acknowledge": ("say that you are on it",),
    "close": ("or close it",),
    "send": ("send it to the proposed", "then send or refer", "one key assesses and sends", "send it only if"),
    "refer": ("choose another", "choose the partner", "choose a partner", "refer it", "decide below who", "send it to",
              "decide who receives", "or refer it"),
    "retry": ("try again",),
    "handed-over": ("send it another way",),
    "origin": ("type it under “name the origin”",),
    "target": ("type that location below", "take the location that the link carries"),
    "answer": ("as their answer", "or their answer"),
    "receipt": ("as their receipt",),
    "release": ("release it",),
    "recall": (", recall it",),
}  # fmt: skip
ON_A_REFERRAL = {"retry", "answer", "receipt", "release", "recall"}


def named(code: DeskCode) -> set[str]:
    said = ADVICE[code].lower()
    return {act for act, words in NAMES.items() if any(one in said for one in words)}


@pytest.mark.parametrize("code", list(DeskCode))
def test_every_act_that_an_advice_names_stands_beside_it(code: DeskCode) -> None:
    """The page reads an advice as it is only where what it names can be done (`console.case.advised`)."""
    assert DESK[code]
    assert named(code) - ON_A_REFERRAL <= set(NEXT_STEPS[code])
    groups = ADVICE_NAMES[code]
    assert named(code) <= {act for group in groups for act in group}
    assert all(named(code) & set(group) for group in groups), "a group of which the text says nothing"


def test_every_phrase_is_said_somewhere() -> None:
    said = " ".join(ADVICE.values()).lower()
    assert [one for words in NAMES.values() for one in words if one not in said] == []


def test_what_is_set_aside_says_that_a_referral_can_be_tried_again_once_the_partner_was_asked() -> None:
    """It is offered there (`quarantine.set_referral_aside` ends it as `unknown` or `expired`), and may arrive twice."""
    assert {"retrace", "refer", "retry"} <= named(DeskCode.BROKEN)
    assert "ask the partner" in ADVICE[DeskCode.BROKEN]
