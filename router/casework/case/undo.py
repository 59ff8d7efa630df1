"""What the last act of a person changed in a case: kept in its row until anything else happens to it.

An act may be undone while nothing of it has left and nobody came after: its version is the case's. What it made is
superseded, and the case stands as it stood, its questions with their old clocks. An alarm that nobody had answered
rings anew.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from router.store.base import Row
from router.store.ids import new_id
from router.store.schema.tables import cases

#: What an act of a person may change in a case's row, besides its version.
_KEPT: Final = (
    "state",
    "next_at",
    *(column.name for column in cases.c if column.name.startswith("desk_") and column.name != "desk_alarm"),
    "acknowledged_at",
    "decision_id",
    "policy_version",
    "assigned_country",
    "assessment",
    "assessed_at",
    "staff_assessment",
    "staff_assessed_at",
    "last_seen_at",
    "outcome",
    "rests_on",
    "closed_at",
)


@dataclass(frozen=True, slots=True)
class Undo:
    """The last act on a case: what it was, what it made, and how the case stood before."""

    act: str
    made: tuple[str, ...]  #: referrals
    was: dict[str, Any]
    rang: bool  #: an alarm that nobody had answered


def kept(case: Row, act: str, made: Sequence[str] = ()) -> dict[str, Any]:
    """Return the column that lets an act be undone; `case` is its row as the act found it."""
    column = {
        "act": act,
        "version": case["version"] + 1,
        "made": list(made),
        "was": {name: case[name] for name in _KEPT},
        "rang": case["desk_alarm"] is not None and case["acknowledged_at"] is None,
    }
    return {"undo": json.dumps(column)}


def undo_of(case: Row) -> Undo | None:
    """Return how the last act on a case is undone; None when there is none, or something came after."""
    column = json.loads(case["undo"]) if case.get("undo") else None
    if column is None or column["version"] != case["version"]:
        return None
    return Undo(column["act"], tuple(column["made"]), column["was"], column["rang"])


def restored(undo: Undo) -> dict[str, Any]:
    """Return the columns of a case as it stood before an act."""
    return undo.was | {"undo": None, "desk_alarm": new_id() if undo.rang else None}
