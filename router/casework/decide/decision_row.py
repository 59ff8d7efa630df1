"""The row that keeps a decision, with the facts it was made from."""

from functools import lru_cache
from typing import Final

from router.casework.case.record import Opened
from router.policy.same import Same
from router.store.base import Add
from router.store.schema.tables import decisions
from schemas.decision import Decision
from schemas.facts import Facts

#: Which host it was stands in the case's row alone, and is erased there.
_NOT_KEPT: Final = {"host_index"}


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
            "facts": known.model_dump_json(exclude=_NOT_KEPT),
            "decision": _written(Same(decision)),
            "sealed": sealed,
        },
    )


@lru_cache(1024)  # what is decided alike is one object (`router/policy/decision`)
def _written(decision: Same[Decision]) -> str:
    return decision.it.model_copy(update={"reason": ""}).model_dump_json()
