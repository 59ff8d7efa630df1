"""How far a referral is whose sending takes several steps: kept sealed in its row, and given back to its dialect.

A step is committed before the next call is made, as a claim and a frozen payload are (`send`). What one dialect wrote
no other can read: a referral that is frozen for another dialect begins anew.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from router.casework.case.sealed import PROGRESS
from router.casework.referral.changes import in_doubt
from router.guard.seal import CaseKey
from router.partners.base import Accepted, Dialect, Envelope, Outcome, Progress, Progressed, SentReferral, Step
from router.store.base import Row

#: The columns of a referral that has not begun.
NOT_BEGUN: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "progress": None,
        "progress_step": None,
        "progress_text": None,
        "progress_at": None,
        "in_doubt": 0,
        "bundle": None,
        "their_report": None,
        "their_item": None,
    }
)
#: Said of a step that its dialect does not declare or cannot say: a fault of the dialect, by which nothing is lost.
_SLIP: Final = "A part of it is done."


def opened(dialect: Dialect, row: Row, key: CaseKey | None) -> Progress | None:
    """Return what a dialect knows of a referral; None where it has not begun, its case was erased, or another wrote."""
    if key is None or row["progress"] is None or row["dialect"] != dialect.name:
        return None
    return Progress(row["progress_step"], key.open(f"{PROGRESS}:{row['id']}", row["progress"]))


def kept(dialect: Dialect, row: Row, key: CaseKey, outcome: Outcome, now: int) -> dict[str, Any]:
    """Return the columns that keep what an outcome says of the progress; nothing where it says nothing."""
    progress = outcome.progress if isinstance(outcome, Accepted | Progressed) else None
    if progress is None:
        return {}
    step = dialect.steps.get(progress.step)
    arrived = step is None or step.arrived
    return {
        "progress": key.seal(f"{PROGRESS}:{row['id']}", progress.data),
        "progress_step": progress.step,
        "progress_text": _text(step, progress),
        "progress_at": row["progress_at"] if progress.step == row["progress_step"] else now,
        "may_have_arrived": int(arrived or bool(row["may_have_arrived"])),
        "bundle": progress.bundle or row["bundle"],
        "their_report": progress.their_report or row["their_report"],
        "their_item": progress.their_item or row["their_item"],
    }


def _text(step: Step | None, progress: Progress) -> str:
    try:
        return _SLIP if step is None else step.text.format_map(progress.said)
    except (KeyError, ValueError, IndexError):
        return _SLIP


def envelope(dialect: Dialect, row: Row, key: CaseKey, payload: bytes) -> Envelope:
    """Return what a dialect is given to make the next call of a referral."""
    return Envelope(row["id"], payload, opened(dialect, row, key), in_doubt(row))


def sent_referral(dialect: Dialect, row: Row, key: CaseKey | None) -> SentReferral:
    """Return what a dialect is given to ask about a referral, or to take it back."""
    return SentReferral(row["id"], row["receipt"] or None, opened(dialect, row, key))
