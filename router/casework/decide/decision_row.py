"""The row that keeps a decision, with the facts it was made from; and what is read of one that is damaged: nothing."""

from functools import lru_cache
from typing import Final, TypeVar

from pydantic import ValidationError

from router.casework.case.record import Opened
from router.guard.log import get_log
from router.policy.same import Same
from router.store.base import Add, Row
from router.store.schema.tables import decisions
from schemas.decision import Decision
from schemas.facts import Facts

W = TypeVar("W", Decision, Facts)
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


def decision_of(row: Row) -> Decision | None:
    """Return a decision as it was kept, None for one that is not what was written: it takes no other down with it."""
    return _read(row, "decision", Decision)


def facts_of(row: Row) -> Facts | None:
    """Return the facts that a decision was made from, likewise."""
    return _read(row, "facts", Facts)


def _read(row: Row, column: str, word: type[W]) -> W | None:
    try:
        return word.model_validate_json(row[column])
    except ValidationError:
        get_log("decide").warning("decision_damaged", column=column, case=row.get("case_id"))
        return None


@lru_cache(1024)  # what is decided alike is one object (`router/policy/decision`)
def _written(decision: Same[Decision]) -> str:
    return decision.it.model_copy(update={"reason": ""}).model_dump_json()
