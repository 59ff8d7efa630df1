"""Bring a store that is put back up to what its ledger knows: erased stays erased, what left is not sent again.

The store is opened as any router opens it, and each case is one transition: what is asked of people gets its clock and
its alarm, and all of it stands in the audit, in an epoch of its own. Nobody serves that store yet: nobody is called.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, select

from router.casework.case.desk_entry import TO_BE_DECIDED, Question, put_on_desk
from router.casework.case.next_look import look_at
from router.casework.case.ringing import Ringing
from router.casework.referral.row import due_at
from router.errors import BadInput
from router.guard.ledger import Entry, Kind, read
from router.guard.seal import Keyring
from router.store.base import Change, Event, Remove, Row, Store, Transition
from router.store.connect import open_store
from router.store.schema.tables import case_keys, cases, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

_R = ReferralState
#: What happened, as the table of states says it, to a referral that left after the backup: it may have arrived.
_LEFT: Final[Mapping[ReferralState, tuple[str, ...]]] = {
    _R.WAITING: ("claim", "lose"),
    _R.HELD: ("release", "claim", "lose"),
    _R.SENDING: ("lose",),
    _R.RECALL_PENDING: ("lose",),
}
#: The same of one that people took back before it left, and of one that they took back when it might have arrived.
_TAKEN_BACK: Final[Mapping[ReferralState, tuple[str, ...]]] = {
    _R.WAITING: ("recall",),
    _R.HELD: ("recall",),
    _R.SENDING: ("recall", "lose"),
    _R.ACCEPTED: ("recall",),
    _R.UNKNOWN: ("recall",),
    _R.EXPIRED: ("recall",),
}
_LEFT_AND_TAKEN_BACK: Final[Mapping[ReferralState, tuple[str, ...]]] = {
    **_TAKEN_BACK,
    _R.WAITING: ("claim", "recall", "lose"),
    _R.HELD: ("release", "claim", "recall", "lose"),
}
_ASKED: Final = (
    "It left after the backup that this router was put back from: ask the partner, and note that they have it, or send"
    " it."
)
_WAS_TAKEN_BACK: Final = (
    "It was taken back after the backup that this router was put back from: send it again, or close the case."
)
#: Values in one question to the store.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it."""

    last: int  #: the number of the last line
    erased: int = 0
    held: int = 0  #: referrals that are not sent any more: their partner may have them, or they were taken back
    asked: int = 0  #: cases about which people are asked for that
    unknown: int = 0  #: referrals that left and are not in this backup: their cases are younger than it


@dataclass(slots=True)
class _Told:
    """What a ledger says, by what it says it of."""

    erased: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)
    made: dict[str, str] = field(default_factory=dict)  #: referral -> its case


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


async def replay(folder: Path, keyring: Keyring, found: list[Entry], now: int) -> Replayed:
    """Do in the store of a folder, that nobody serves, what the ledger says; `now` is in microseconds.

    Safe to do again. Raise CannotStart, StoreUnavailable.
    """
    writer = await open_store(None, folder, keyring, upgrade=False)
    try:
        store: Store = Ringing(writer)
        done = await _done(store, _sorted(found), found[-1].n, now)
        said = {"ledger": done.last, "erased": done.erased, "held": done.held, "asked": done.asked}
        await store.commit(Transition(now, events=[Event("router.restored", ROUTER.id, detail=said)]))
    finally:
        await writer.close()
    return done


def _sorted(found: Iterable[Entry]) -> _Told:
    told = _Told()
    for one in found:
        match one.kind:
            case Kind.ERASED:
                told.erased.add(one.id)
            case Kind.LEFT:
                told.left.add(one.id)
            case Kind.RECALLED:
                told.taken_back.add(one.id)
            case Kind.MADE:
                referral_id, case_id = one.id.split(" ", 1)
                told.made[referral_id] = case_id
            case Kind.BACKUP:
                pass
    return told


async def _done(store: Store, told: _Told, last: int, now: int) -> Replayed:
    erased = await _erase(store, told.erased, now)
    gone = told.left | told.taken_back
    rows = await _rows(store, referrals.c.id, gone)
    by_case: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_case[row["case_id"]].append(row)
    younger = {one: told.made.get(one, "") for one in told.left - {row["id"] for row in rows}}
    known = {row["id"]: row for row in await _rows(store, cases.c.id, {*by_case, *younger.values()})}
    held = asked = 0
    for case_id, case in known.items():
        changed = _Case(case, now)
        for row in by_case.get(case_id, ()):
            changed.settle(row, told)
        if case_id in younger.values():
            changed.ask((DeskCode.UNKNOWN, _ASKED), None)
        if changed.is_touched:
            await store.commit(changed.transition())
        held, asked = held + len(changed.changes), asked + changed.is_asked
    unknown = sum(case_id not in known for case_id in younger.values())
    return Replayed(last, erased, held, asked, unknown)


async def _erase(store: Store, names: set[str], now: int) -> int:
    found = [row["case_id"] for row in await _rows(store, case_keys.c.case_id, names)]
    for at in range(0, len(found), _AT_ONCE):
        removes = [Remove(case_keys, {"case_id": one}) for one in found[at : at + _AT_ONCE]]
        await store.commit(Transition(now, removes=removes))
    return len(found)


async def _rows(store: Store, column: Column[str], values: Iterable[str]) -> list[Row]:
    """Return the rows of a table by a column, so many at a time."""
    wanted = sorted(values)
    pieces = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
    return [row for one in pieces for row in await store.rows(select(column.table).where(column.in_(one)))]


@dataclass(slots=True)
class _Case:
    """What changes in one case."""

    row: Row
    now: int
    changes: list[Change] = field(default_factory=list)  #: of its referrals
    events: list[Event] = field(default_factory=list)
    is_asked: bool = False
    placed: dict[str, Any] = field(default_factory=dict)

    @property
    def is_touched(self) -> bool:
        """Tell whether anything is to be committed."""
        return bool(self.changes or self.placed)

    def settle(self, row: Row, told: _Told) -> None:
        """Bring one referral to where it may be by now, and ask people what nobody here can know."""
        left, taken_back = row["id"] in told.left, row["id"] in told.taken_back
        ways = _LEFT if not taken_back else _LEFT_AND_TAKEN_BACK if left else _TAKEN_BACK
        state = was = ReferralState(row["state"])
        for event in ways.get(was, ()):
            state = step(REFERRAL, state, event) or state
        if state is was:
            return
        values: dict[str, Any] = {
            "state": state,
            **due_at(self.now if state is _R.WITHDRAWING else None),
            "hold_until": None,
            "hold_reason": None,
        }
        if left:
            values |= {"may_have_arrived": 1, "in_doubt": 1}
        self.changes.append(Change(referrals, {"id": row["id"]}, values, row["version"]))
        detail = {"partner": row["partner"], "state": state}
        self.events.append(Event("referral.in_ledger", ROUTER.id, self.row["id"], row["id"], detail))
        if state is _R.UNKNOWN:
            self.ask((DeskCode.UNKNOWN, _ASKED), row["id"])
        elif taken_back:
            self.ask((DeskCode.OVERRULED, _WAS_TAKEN_BACK), None)

    def ask(self, asks: Question, about: str | None) -> None:
        """Ask people; a case that is still to be decided sees in its decision what its own referrals are now."""
        state = CaseState(self.row["state"])
        if state in TO_BE_DECIDED and about is not None:
            self.placed |= look_at(self.now)
        elif step(CASE, state, "ask_staff") is not None:
            self.placed |= put_on_desk(self.row | self.placed, asks, self.now, about)
            self.is_asked = True

    def transition(self) -> Transition:
        """Return all of it, whole or not at all."""
        case = [Change(cases, {"id": self.row["id"]}, self.placed, self.row["version"])] if self.placed else []
        return Transition(self.now, (*self.changes, *case), events=tuple(self.events))
