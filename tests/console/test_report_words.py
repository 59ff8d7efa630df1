import pytest

from router.casework.case.acts import NEXT_STEPS
from router.console.report_words import ADVICE, AGE, DESK, GENDER, PAYMENT
from schemas.casefile import DeskCode
from schemas.vocabulary import AgeCategory, GenderCategory, PaymentMethod


def test_every_category_has_words() -> None:
    assert set(AGE) == set(AgeCategory)
    assert set(GENDER) == set(GenderCategory)
    assert set(PAYMENT) == set(PaymentMethod)


#: What a sentence says when it asks for one of these acts on the case.
NAMES = {
    "reveal": ("reveal it",),
    "done": ("say that it is done", "nothing more is to be done"),
    "look": ("say below what you saw", "then say what you saw"),
    "retrace": ("trace again", "trace it again"),
    "assess": ("say what it is",),
    "not-illegal": ("not illegal ends it",),
    "acknowledge": ("say that you are on it",),
    "close": ("or close it",),
}


@pytest.mark.parametrize("code", list(DeskCode))
def test_every_act_that_an_advice_names_stands_beside_it(code: DeskCode) -> None:
    assert DESK[code]
    said = ADVICE[code].lower()
    named = {act for act, words in NAMES.items() if any(one in said for one in words)}
    assert named <= set(NEXT_STEPS[code])
