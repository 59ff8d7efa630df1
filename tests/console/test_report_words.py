from router.console.report_words import AGE, GENDER, PAYMENT
from schemas.vocabulary import AgeCategory, GenderCategory, PaymentMethod


def test_every_category_has_words() -> None:
    assert set(AGE) == set(AgeCategory)
    assert set(GENDER) == set(GenderCategory)
    assert set(PAYMENT) == set(PaymentMethod)
