import pytest

from router.casework.read.audit_text import in_words, known


def test_what_is_left_open_is_not_said() -> None:
    detail = {"country": None, "routes": [], "text": "", "put_off": {}, "typed": "an id", "told": False, "claims": 0}
    assert known(detail) == {"told": False, "claims": 0}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, ""),
        ({"told": True}, "told: yes"),
        ({"told": False, "partner": "hotline-nl"}, "told: no, partner: hotline-nl"),
        ({"recipients": ["hotline-nl", "police"]}, "recipients: hotline-nl, police"),
        ({"put_off": {"crawler": 3}}, "put_off: crawler 3"),
        ({"confidence": 0.98}, "confidence: 0.98"),
    ],
)
def test_values_in_words(said: dict[str, object], text: str) -> None:
    assert in_words(said) == text
