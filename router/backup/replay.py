"""Bring a store that is put back up to what its ledger knows: erased stays erased, what left is not sent again.

It happens in the file, before the router that is made of it ever opens: nobody is called for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import apsw

from router.casework.case.desk_entry import Question, put_on_desk
from router.clock import micros
from router.errors import BadInput
from router.guard.ledger import Entry, Kind, read
from router.guard.seal import Keyring
from router.store.sqlite.snapshot import opened
from schemas.casefile import DeskCode
from schemas.states import ReferralState

#: Why a referral is held after a restore: it left, or was taken back, after the backup's point.
LEFT: Final = "left_after_backup"
#: What would be called for, had nobody told otherwise.
_TO_BE_CALLED: Final = (ReferralState.WAITING, ReferralState.SENDING, ReferralState.RECALL_PENDING)

_ALARM: Final = frozenset({"desk_alarm", "acknowledged_at"})
_ASKED: Final = (
    "It left after the backup that this router was put back from: ask the partner, and note that they have it, or send"
    " it."
)
_ASKS: Final[Question] = (DeskCode.UNKNOWN, _ASKED)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it."""

    last: int  #: the number of the last line
    erased: int = 0
    held: int = 0  #: referrals that wait for a person now: their partner may have them
    asked: int = 0  #: cases on the desk now: a referral of theirs left that was made after the backup
    unknown: int = 0  #: referrals that left and are not in this backup: their cases are younger than it


def entries(path: Path, keyring: Keyring, backup_id: str) -> list[Entry]:
    """Return the lines of a ledger. Raise BadInput for one that does not know this backup.

    Each backup leaves its own line, so one without it ends before the backup, or began after it.
    """
    found = read(path, keyring)
    if not any(one.kind is Kind.BACKUP and one.id == backup_id for one in found):
        text = (
            "The ledger does not know this backup: it ends before it was made, or began later. Take the newest copy of"
            " the receiver; without one, restore without it and type why at `release`."
        )
        raise BadInput(text, field="ledger", reason="old_ledger")
    return found


def replay(database: Path, found: list[Entry]) -> Replayed:
    """Do in a store, that holds its case keys and that nobody serves, what the ledger says. Safe to do again."""
    connection = opened(database)
    try:
        with connection:
            erased = sum(_erase(connection, one.id) for one in found if one.kind is Kind.ERASED)
            gone = {one.id: one.kind for one in found if one.kind in {Kind.LEFT, Kind.RECALLED}}
            held = sum(_hold(connection, name) for name in gone)
            known = {row[0] for row in connection.execute("SELECT id FROM referrals")}
            made = dict(one.id.split(" ", 1) for one in found if one.kind is Kind.MADE)
            younger = {made.get(name, "") for name in gone.keys() - known}
            asked = sum(_ask(connection, case_id, micros(datetime.now(UTC))) for case_id in younger)
            cases_here = {row[0] for row in connection.execute("SELECT id FROM cases")}
        unknown = sum(made.get(name) not in cases_here for name in gone.keys() - known)
        return Replayed(found[-1].n, erased, held, asked, unknown)
    finally:
        connection.close()


def _erase(connection: apsw.Connection, case_id: str) -> int:
    connection.execute("DELETE FROM case_keys WHERE case_id = ?", (case_id,))
    return connection.changes()


def _ask(connection: apsw.Connection, case_id: str, now: int) -> int:
    """Ask people about an open case of which something left: decided anew by itself, it would leave twice."""
    cursor = connection.execute("SELECT * FROM cases WHERE id = ? AND state <> 'closed'", (case_id,))
    rows = list(cursor)
    if not rows:
        return 0
    columns = [one[1] for one in connection.execute("PRAGMA table_info(cases)")]
    case = dict(zip(columns, rows[0], strict=True))
    # Its alarm's row comes with the store that is open: what is due says it until then.
    placed = {name: value for name, value in put_on_desk(case, _ASKS, now).items() if name not in _ALARM}
    placed |= {"next_at": None, "claimed_by": None, "claimed_until": None, "version": case["version"] + 1}
    names = ", ".join(f'"{name}" = ?' for name in placed)
    values = [str(value) if isinstance(value, str) else value for value in placed.values()]
    connection.execute(f"UPDATE cases SET {names} WHERE id = ?", (*values, case_id))  # noqa: S608 - our own names
    return 1


def _hold(connection: apsw.Connection, referral_id: str) -> int:
    places = ", ".join("?" for _ in _TO_BE_CALLED)
    connection.execute(
        "UPDATE referrals SET state = ?, next_at = NULL, hold_until = NULL, hold_reason = ?, claimed_by = NULL,"  # noqa: S608 - places only
        f" claimed_until = NULL, version = version + 1 WHERE id = ? AND state IN ({places})",
        (str(ReferralState.HELD), LEFT, referral_id, *map(str, _TO_BE_CALLED)),
    )
    return connection.changes()
