import pytest

from router.errors import BadInput
from router.policy.given import facts_given
from schemas.facts import Facts
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment, Urgency


def test_nothing_typed_is_nothing_known() -> None:
    assert facts_given([], "BE") == Facts()


def test_facts_are_typed_as_people_write_them() -> None:
    typed = ["confidence=0.98", "has_hotline=true", "assessment=baseline", "urgency=live", "bounced=2"]
    facts = facts_given(typed, "BE")
    assert (facts.confidence, facts.has_hotline, facts.bounced) == (0.98, True, 2)
    assert (facts.assessment, facts.urgency) == (Assessment.BASELINE, Urgency.LIVE)


def test_several_values_stand_between_commas() -> None:
    facts = facts_given(["countries=NL,CA", "flags=carries_email", "path=hotline-nl,hotline-ca"], "BE")
    assert facts.countries == ("NL", "CA")
    assert facts.flags == ("carries_email",)
    assert facts.path == ("hotline-nl", "hotline-ca")


def test_home_is_our_country_and_a_country_is_a_verdict() -> None:
    facts = facts_given(["hosting_country=home"], "CA")
    assert (facts.hosting_country, facts.verdict) == ("CA", VerdictKind.COUNTRY)
    assert facts_given(["hosting_country=NL", "verdict=conflict"], "BE").verdict is VerdictKind.CONFLICT


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ("hosting_country", "hosting_country", "has no value"),
        ("hosting_contry=NL", "hosting_contry", "did you mean `hosting_country`?"),
        ("xyz=1", "xyz", "there are kind, verdict"),
        ("confidence=sure", "confidence", "The fact `confidence` cannot be read"),
        ("confidence=1.5", "confidence", "less than or equal to 1"),
        ("hosting_country=UK", "hosting_country", "ISO 3166-1"),
        ("assessment=illegal", "assessment", "'baseline'"),
        ("has_hotline=perhaps", "has_hotline", "boolean"),
    ],
)
def test_what_cannot_be_read_is_named(typed: str, field: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        facts_given([typed], "BE")
    assert caught.value.field == field
    assert words in caught.value.message


def test_a_value_may_hold_an_equals_sign() -> None:
    assert facts_given(["platform=a=b"], "BE").platform == "a=b"
