"""Bring a store that is put back up to what its ledger knows: erased stays erased, what left is not sent again.

It happens in the file, before the router that is made of it ever opens: nobody is called for it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from router.errors import BadInput
from router.guard.ledger import Entry, Kind, read
from router.guard.seal import Keyring
from router.store.sqlite.snapshot import opened
from schemas.states import ReferralState

#: Why a referral is held after a restore: it left, or was taken back, after the backup's point.
LEFT: Final = "left_after_backup"
#: What would be called for, had nobody told otherwise.
_TO_BE_CALLED: Final = (ReferralState.WAITING, ReferralState.SENDING, ReferralState.RECALL_PENDING)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it."""

    last: int  #: the number of the last line
    erased: int = 0
    held: int = 0  #: referrals that wait for a person now: their partner may have them
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
        return Replayed(found[-1].n, erased, held, len(gone.keys() - known))
    finally:
        connection.close()


def _erase(connection: apsw.Connection, case_id: str) -> int:
    connection.execute("DELETE FROM case_keys WHERE case_id = ?", (case_id,))
    return connection.changes()


def _hold(connection: apsw.Connection, referral_id: str) -> int:
    places = ", ".join("?" for _ in _TO_BE_CALLED)
    connection.execute(
        "UPDATE referrals SET state = ?, next_at = NULL, hold_until = NULL, hold_reason = ?, claimed_by = NULL,"  # noqa: S608 - places only
        f" claimed_until = NULL, version = version + 1 WHERE id = ? AND state IN ({places})",
        (str(ReferralState.HELD), LEFT, referral_id, *map(str, _TO_BE_CALLED)),
    )
    return connection.changes()
