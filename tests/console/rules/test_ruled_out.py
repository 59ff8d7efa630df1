"""Why somebody may not receive is said in every language, whatever was decided."""

import re

import pytest
from hypothesis import given

from router.console.language import load
from router.console.rules.ruled_out import ruled_out
from router.policy.decision import Rules, decide
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import Policy
from tests.policy.samples import NOW, any_directory, any_facts, any_policy

#: What the policy's room says in English, and what nobody's language keeps of it.
ENGLISH = re.compile(r"\b(?:may|already|directory|known|ended|agreement|hotline is|takes|chosen|serves)\b")


def of_nobody(_: str) -> str | None:
    return None


@given(any_policy(), any_directory(), any_facts)
def test_whatever_is_decided_nothing_of_it_stays_english(policy: Policy, directory: Directory, facts: Facts) -> None:
    decision = decide(Rules(1, policy, directory, NOW), facts)
    texts = [one.text for one in decision.refused] + [one.text for one in decision.desk if one.code == "no_recipient"]
    for code in ("nl", "fr", "de"):
        for text in texts:
            found = ruled_out(load()[code], text, of_nobody)
            assert found is not None, text
            assert not ENGLISH.search(found), found


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("nl", "Nothing may be sent to NL: geen basis.", "naar Nederland mag niets worden verzonden: geen basis"),
        (
            "de",
            (
                "nobody chosen may receive it: Dutch hotline is disabled: enable it in the directory;"
                " the policy only chose copies"
            ),
            (
                "niemand von den Gewählten darf es empfangen: Dutch hotline ist ausgeschaltet: schalten Sie ihn im"
                " Verzeichnis ein; die Richtlinie wählte nur Kopien"
            ),
        ),
        (
            "nl",
            "A rule would not send this case to X: Y has already had this case; Z is disabled: so.",
            "Een regel zou deze zaak niet naar X sturen: Y heeft deze zaak al gehad; Z is uitgeschakeld: so.",
        ),
        (
            "de",
            "A rule would not send this case to hotline-nl: a rule above decides it.",
            "Eine Regel würde diesen Fall nicht an hotline-nl senden: eine Regel darüber entscheidet es.",
        ),
        (
            "nl",
            "Dutch hotline: the agreement ended on 2026-11-21.",
            "Dutch hotline: de overeenkomst is afgelopen op 2026-11-21",
        ),
        (
            "nl",
            "Dutch hotline takes baseline, national; this is unassessed",
            (
                "Dutch hotline neemt aan: overal strafbaar (baseline), strafbaar naar nationaal recht; dit is: niet"
                " beoordeeld"
            ),
        ),
        (
            "nl",
            "nobody chosen may receive it: A takes nothing; this is baseline; B has already had this case",
            (
                "niemand die gekozen is, mag het ontvangen: A neemt aan: niets; dit is: overal strafbaar (baseline);"
                " B heeft deze zaak al gehad"
            ),
        ),
        ("nl", "<b> is disabled: <i>", "&lt;b&gt; is uitgeschakeld: &lt;i&gt;"),
    ],
)
def test_as_people_read_it(code: str, text: str, said: str) -> None:
    assert ruled_out(load()[code], text, of_nobody) == said


def test_another_sentence_is_none_of_these() -> None:
    assert ruled_out(load()["nl"], "A person put it on the desk, and says why in the timeline.", of_nobody) is None
