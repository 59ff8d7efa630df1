"""The row of a decision: enough to judge the same facts again, and no typed reason in clear."""

from router.casework.case.record import open_case
from router.casework.decide import step as decide
from router.casework.decide.decision_row import decision_row
from schemas.decision import Decision
from schemas.facts import Facts
from tests.casebook import Casebook


async def test_a_decision_is_kept_with_its_facts_and_without_what_was_typed(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.decided()))
    known, decision = await decide.judged(book.ctx, opened)
    typed = decision.model_copy(update={"reason": "Jeanne rang", "by": "anna"})
    row = dict(decision_row(opened, "d-1", known, typed, 7, b"sealed").values)
    assert (row["id"], row["case_id"], row["decided_at"], row["by"]) == ("d-1", opened.id, 7, "anna")
    assert known.host_index is not None
    assert Facts.model_validate_json(row["facts"]) == known.model_copy(update={"host_index": None})
    assert known.host_index not in row["facts"] + row["decision"]  # the case's row has it, and is erased
    assert Decision.model_validate_json(row["decision"]) == typed.model_copy(update={"reason": ""})
    assert "Jeanne" not in row["facts"] + row["decision"]
    assert (row["trace_id"], row["sealed"]) == (opened.row["trace_id"], b"sealed")
