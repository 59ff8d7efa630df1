"""No code ever reaches a page without words."""

import ast
from enum import StrEnum
from pathlib import Path

import pytest

import router
from router.console.words import TABLES, word
from router.hosting.location.url_flags import flags
from router.partners.base import Reason
from schemas.actor import Role
from schemas.acts import Finding
from schemas.casefile import DeskCode
from schemas.closing import RestsOn
from schemas.locator import LocationKind
from schemas.states import CaseState, ReferralState
from schemas.trace import Basis, DnsOutcome, VerdictKind
from schemas.vocabulary import Assessment, Outcome, Urgency

CODE = Path(str(router.__file__)).parent


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("desk", DeskCode),
        ("advice", DeskCode),
        ("verdict", VerdictKind),
        ("case_state", CaseState),
        ("referral_state", ReferralState),
        ("assessment", Assessment),
        ("urgency", Urgency),
        ("outcome", Outcome),
        ("rests_on", RestsOn),
        ("finding", Finding),
        ("kind", LocationKind),
        ("basis", Basis),
        ("dns", DnsOutcome),
        ("attempt_reason", Reason),
        ("role", Role),
    ],
)
def test_every_code_has_its_words(table: str, codes: type[StrEnum]) -> None:
    assert {str(code) for code in codes} - set(TABLES[table]) == set()


def test_every_source_of_evidence_has_its_words() -> None:
    named = {
        str(node.value.value)
        for path in (CODE / "hosting" / "sources").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "name"
        and isinstance(node.value, ast.Constant)
    }
    assert len(named) >= 7
    assert named - set(TABLES["source"]) == set()


def test_every_flag_has_its_words() -> None:
    everything = "https://example.test/invite/x?sid=1&email=a@example.test"
    assert set(flags(everything, "name:password")) == set(TABLES["flag"])


def test_an_unknown_code_stands_for_itself() -> None:
    assert word("desk", "new_code") == "new_code"
