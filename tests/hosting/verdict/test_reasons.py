import string

import pytest

from router.hosting.outside import DOUBTFUL_BELOW
from router.hosting.verdict import reasons
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import CONTRADICTIONS
from router.hosting.verdict.pattern import Pattern

#: What tells a reader what to do next.
ADVICE = ("Ask ", "Run `data refresh`", "Check ", "Settle ", "Look ")


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_every_pattern_has_one_sentence() -> None:
    assert set(reasons.SENTENCES) == set(Pattern)


@pytest.mark.parametrize(
    "pattern", [pattern for pattern in Pattern if 0 < Calibration.load().confidence(pattern) < 0.9]
)
def test_a_doubtful_reason_says_what_to_do(pattern: Pattern) -> None:
    assert any(advice in reasons.SENTENCES[pattern] for advice in ADVICE)


@pytest.mark.parametrize("pattern", [pattern for pattern in Pattern if "before sending" in reasons.SENTENCES[pattern]])
def test_what_is_to_be_asked_before_sending_is_not_sent_before(pattern: Pattern) -> None:
    stopped = Calibration.load().confidence(pattern) < DOUBTFUL_BELOW or pattern in CONTRADICTIONS
    assert stopped


@pytest.mark.parametrize("pattern", [pattern for pattern in Pattern if pattern.endswith("_unlisted")])
def test_an_address_without_a_region_is_not_said_to_be_missing_from_a_list(pattern: Pattern) -> None:
    # A list may hold it without a country: then the evidence below shows the list's own row.
    assert "its list gives no country for it" in reasons.SENTENCES[pattern]


@pytest.mark.parametrize("pattern", Pattern)
def test_a_sentence_is_a_sentence_and_names_at_most_the_country(pattern: Pattern) -> None:
    text = reasons.SENTENCES[pattern]
    assert text.endswith(".")
    assert text[0].isupper()
    assert "  " not in text
    assert fields(text) <= {"country"}


def test_a_reason_carries_the_patterns_name_as_its_code() -> None:
    reason = reasons.of_pattern(Pattern.ALL_AGREE, "NL")
    assert reason.code == "all_agree"
    assert reason.text == "Geolocation, the registry and the announcing network all say NL."


def test_an_unknown_country_still_reads_as_a_sentence() -> None:
    assert "{" not in reasons.of_pattern(Pattern.NOTHING, None).text


def test_reasons_of_a_host_name_what_they_are_told() -> None:
    assert "DE, NL" in reasons.of_host("addresses_differ", countries="DE, NL").text
    assert "Fastly" in reasons.of_host("edge_by_name", operator="Fastly").text
    with pytest.raises(KeyError):
        reasons.of_host("no_such_reason")
