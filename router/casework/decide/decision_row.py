"""The row that keeps a decision, with the facts it was made from."""

from router.casework.case.record import Opened
from router.store.base import Add
from router.store.schema.tables import decisions
from schemas.decision import Decision
from schemas.facts import Facts


def decision_row(
    opened: Opened, decision_id: str, known: Facts, decision: Decision, now: int, sealed: bytes | None = None
) -> Add:
    """Return the row that keeps a decision with the facts it was made from (for `policy diff`)."""
    return Add(
        decisions,
        {
            "id": decision_id,
            "case_id": opened.id,
            "trace_id": opened.row["trace_id"],
            "decided_at": now,
            "by": decision.by,
            "policy_version": decision.policy_version,
            "facts": known.model_dump_json(),
            "decision": decision.model_copy(update={"reason": ""}).model_dump_json(),
            "sealed": sealed,
        },
    )
