"""Every code of the register has its words."""

from enum import StrEnum

import pytest

from router.console.words import TABLES
from schemas.requests import Mark, RequestKind, RequestOutcome, RequestState, TermKind


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("request_kind", RequestKind),
        ("request_state", RequestState),
        ("request_outcome", RequestOutcome),
        ("request_mark", Mark),
        ("request_term", TermKind),
    ],
)
def test_every_code_has_its_words(table: str, codes: type[StrEnum]) -> None:
    assert {str(code) for code in codes} == set(TABLES[table])
