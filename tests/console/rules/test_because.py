"""Every reason that the policy gives for a step is said in the language of the page."""

import pytest
from hypothesis import given

from router.console.language import load
from router.console.rules.because import why
from router.console.rules.words import TRACED
from router.data.policies import default_policy
from router.policy.judge import judge
from router.policy.load import load as load_policy
from schemas.facts import Facts
from tests.console.said.said_by import CODE
from tests.policy.samples import any_facts

TONGUES = load()
POLICY = load_policy(default_policy("BE"))


@pytest.mark.parametrize(
    ("code", "because", "said"),
    [
        ("en", "has_hotline is yes", "a hotline serves it: yes"),
        ("nl", "hosting_country is CA, has_hotline is yes", "land van hosting: Canada · een meldpunt bedient het: ja"),
        ("nl", "hosting_country is CA, not home", "land van hosting: Canada (gevraagd: ons eigen land)"),
        ("de", "urgency is none, not live or imminent_risk",
         "Dringlichkeit: keine bekannte Gefahr (verlangt: Missbrauch live, Kind jetzt in Gefahr)"),
        ("fr", "countries is CA and NL", "pays : Canada, Pays-Bas"),
        ("en", "account_country is not known, so it is known", "country of the account: not known (wanted: not known)"),
        ("en", "confidence is 0.98, not below 0.9", "certainty: 0.98 (wanted: below 0.9)"),
        ("en", "bounced is 0, not at least 2", "sent back: 0 (wanted: at least 2)"),
        ("nl", "reasons is shortener and geo_alone, not link_wrapper",
         "redenen: een verkorte link, geo_alone (gevraagd: een link met een andere locatie erin)"),
        ("nl", "no route above ended the walk", "geen route erboven beëindigde de weg"),
    ],
)  # fmt: skip
def test_a_step_in_words(code: str, because: str, said: str) -> None:
    assert why(TONGUES[code], because) == said


@given(any_facts)
def test_nothing_that_the_shipped_policy_says_stays_in_english(facts: Facts) -> None:
    for step in judge(POLICY, facts).path:
        told = why(TONGUES["nl"], step.because)
        assert told is not None, step.because
        assert " is " not in told


def test_what_a_rule_asks_of_a_trace_has_words() -> None:
    asked = {
        one
        for path in (CODE / "data" / "policy").glob("*.toml")
        for route in load_policy(path.read_text(encoding="utf-8")).routes
        for one in (route.when.reasons if isinstance(route.when.reasons, tuple) else ())
    }
    assert len(asked) > 8
    assert asked - TRACED.keys() == set()


def test_another_form_is_left_alone() -> None:
    assert why(TONGUES["nl"], "the moon is full") is None
    assert why(TONGUES["nl"], "because we say so") is None
