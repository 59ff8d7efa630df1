"""Bring a store that is put back up to what its ledger knows: erased stays erased, what left is not sent again.

The store is opened as any router opens it, and each case is one transition: what is asked of people gets its clock and
its alarm, and all of it stands in the audit, in an epoch of its own. Nobody serves that store yet: nobody is called.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, func, select

from router.casework.case.desk_entry import TO_BE_DECIDED, Question, put_on_desk
from router.casework.case.next_look import look_at
from router.casework.case.ringing import Ringing
from router.casework.intake.hub_lists import Windows
from router.casework.referral.left_before import taken_over
from router.casework.referral.row import LIVE, UNSENT, due_at
from router.clock import moment
from router.errors import BadInput
from router.guard.ledger import Entry, Kind, erasures, read, recalls
from router.guard.seal import Keyring
from router.store.base import Add, Change, Event, Remove, Row, Store, Transition
from router.store.checkpoint import RESTORED
from router.store.connect import open_store
from router.store.schema.tables import case_keys, cases, checkpoints, hub_inboxes, left_before_restore, referrals
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
#: What a partner calls it, as the ledger keeps it.
_SAID: Final = ("receipt", "their_report", "their_item")
#: What the partner's reference in the ledger says of what may have arrived.
_HAS_IT: Final = {_R.UNKNOWN: "accept", _R.EXPIRED: "confirm"}
_ASKED: Final = (
    "It left after the backup that this router was put back from: ask the partner, and note that they have it, or send"
    " it."
)
_WAS_TAKEN_BACK: Final = (
    "It was taken back after the backup that this router was put back from: send it again, or close the case."
)
#: No case here has that location open.
_NO_CASE: Final = ""
_NOTHING_SAID: Final[Mapping[str, Any]] = {
    "dialect": None,
    "receipt": None,
    "their_report": None,
    "their_item": None,
    "taken_back_at": None,
}
#: Values in one question to the store.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it."""

    last: int  #: the number of the last line
    erased: int = 0
    held: int = 0  #: referrals that are not sent any more: their partner has or may have them, or they were taken back
    asked: int = 0  #: cases about which people are asked for that
    unknown: int = 0  #: referrals that left of cases which are not in this backup; they wait to be reported again


@dataclass(slots=True)
class _Told:
    """What a ledger says, by what it says it of."""

    erased: set[str] = field(default_factory=set)
    erasing: set[str] = field(default_factory=set)  #: what a cut in the last moment of the old host left open
    left: dict[str, dict[str, Any]] = field(default_factory=dict)  #: referral -> a row of `left_before_restore`
    taken_back: dict[str, int] = field(default_factory=dict)  #: referral -> when


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
    begun = next(at for at, one in enumerate(found) if one.kind is Kind.BACKUP and one.id == backup_id)
    if any(one.kind is Kind.REINDEXED for one in found[begun:]):
        text = "All was indexed anew after this backup (`keys rotate --indexes`): what left since would be sent again."
        raise BadInput(f"{text} Put back a backup that was taken after that.", field="ledger", reason="reindexed")
    return found


async def replay(folder: Path, keyring: Keyring, found: list[Entry], point: int, now: int) -> Replayed | None:
    """Do in the store of a folder, that nobody serves, what the ledger says; moments are in microseconds.

    That it was put back, of which moment it is and what it lost of the audit stands in an epoch of its own, also where
    there is no ledger (None then). Safe to do again. Raise CannotStart, StoreUnavailable.
    """
    writer = await open_store(None, folder, keyring, upgrade=False)
    try:
        store: Store = Ringing(writer)
        signed = await store.rows(select(func.coalesce(func.max(checkpoints.c.number), 0).label("n")))
        said: dict[str, Any] = {"point": f"{moment(point):%Y-%m-%d %H:%M} UTC", "signed": signed[0]["n"]}
        done = await _done(store, _sorted(found), found[-1].n, now) if found else None
        if done is not None:
            said |= {"ledger": done.last, "erased": done.erased, "held": done.held, "asked": done.asked}
        event = Event(RESTORED, ROUTER.id, detail=said)
        await store.commit(Transition(now, await _inboxes(store, point, now), events=[event]))
    finally:
        await writer.close()
    return done


async def _inboxes(store: Store, point: int, now: int) -> list[Change]:
    """Return what has hubs' lists read again from the backup's moment on."""
    changes = []
    for row in await store.rows(select(hub_inboxes)):
        windows = Windows.read(row["windows"])
        windows.again_from(point)
        values = {"windows": windows.kept(), "due_at": now}
        changes.append(Change(hub_inboxes, {"partner": row["partner"]}, values, row["version"]))
    return changes


def _sorted(found: Sequence[Entry]) -> _Told:
    told = _Told(*erasures(found))
    for one in found:
        if one.kind is Kind.LEFT:
            known = told.left.setdefault(one.id, {**_NOTHING_SAID, "id": one.id, "left_at": one.at})
            known.update(one.said, url_bidx=bytes.fromhex(one.said["url_bidx"]))
    told.taken_back, _ = recalls(found)
    for name, at in told.taken_back.items():
        if name in told.left:
            told.left[name]["taken_back_at"] = at
    return told


async def _done(store: Store, told: _Told, last: int, now: int) -> Replayed:
    told.erased |= told.erasing - await _open(store, told.erasing)
    erased = await _erase(store, told.erased, now)
    rows = await _rows(store, referrals.c.id, {*told.left, *told.taken_back})
    here = {row["id"] for row in rows}
    missing = [one for name, one in told.left.items() if name not in here and one["case_id"] not in told.erased]
    known = await _cases_of(store, {row["case_id"] for row in rows}, missing)
    younger: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in missing:
        younger[_case_of(one, known)].append(one)
    lost = younger.pop(_NO_CASE, [])
    all_rows: dict[str, list[Row]] = defaultdict(list)
    for row in await _rows(store, referrals.c.case_id, known):
        all_rows[row["case_id"]].append(row)
    held = asked = 0
    for case_id, case in known.items():
        changed = _Case(case, now)
        for row in all_rows[case_id]:
            changed.settle(row, told)
        changed.take_over(younger[case_id], all_rows[case_id], told)
        if changed.is_touched:
            await store.commit(changed.transition())
        held, asked = held + changed.held, asked + changed.is_asked
    for at in range(0, len(lost), _AT_ONCE):
        await store.commit(Transition(now, adds=[Add(left_before_restore, one) for one in lost[at : at + _AT_ONCE]]))
    return Replayed(last, erased, held, asked, len(lost))


async def _cases_of(store: Store, names: set[str], missing: Iterable[Mapping[str, Any]]) -> dict[str, Row]:
    """Return the cases of referrals that are here, and of those that are not: by id, or the open one of its location.

    A case that was closed since, and opened anew for a report that is lost, is here as it was: open.
    """
    found = await _rows(store, cases.c.id, names | {one["case_id"] for one in missing})
    found += await _rows(store, cases.c.url_bidx, {one["url_bidx"] for one in missing})
    return {row["id"]: row for row in found}


def _case_of(left: Mapping[str, Any], known: Mapping[str, Row]) -> str:
    """Return the open case that a referral belongs to; none, and it waits for its location to be reported again."""
    case = known.get(left["case_id"])
    if case is not None and case["state"] != CaseState.CLOSED:
        return str(case["id"])
    same = (one for one in known.values() if one["url_bidx"] == left["url_bidx"] and one["state"] != CaseState.CLOSED)
    return next((str(one["id"]) for one in same), _NO_CASE)


async def _open(store: Store, names: set[str]) -> set[str]:
    """Return those of these cases that are open here: of a closed one whose erasing was cut, the time was over."""
    return {row["id"] for row in await _rows(store, cases.c.id, names) if row["state"] != CaseState.CLOSED}


async def _erase(store: Store, names: set[str], now: int) -> int:
    found = [row["case_id"] for row in await _rows(store, case_keys.c.case_id, names)]
    for at in range(0, len(found), _AT_ONCE):
        removes = [Remove(case_keys, {"case_id": one}) for one in found[at : at + _AT_ONCE]]
        await store.commit(Transition(now, removes=removes))
    return len(found)


async def _rows(store: Store, column: Column[Any], values: Iterable[Any]) -> list[Row]:
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
    adds: list[Add] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    held: int = 0
    is_asked: bool = False
    placed: dict[str, Any] = field(default_factory=dict)

    @property
    def is_touched(self) -> bool:
        """Tell whether anything is to be committed."""
        return bool(self.changes or self.adds or self.placed)

    def settle(self, row: Row, told: _Told) -> None:
        """Bring one referral to where it may be by now, and ask people what nobody here can know."""
        left, taken_back = told.left.get(row["id"]), row["id"] in told.taken_back
        was = ReferralState(row["state"])
        state = _after(was, left=left is not None, taken_back=taken_back)
        if left is not None and left["receipt"] is not None:
            state = step(REFERRAL, state, _HAS_IT.get(state, "")) or state
        if state is was:
            return
        values: dict[str, Any] = {
            "state": state,
            **due_at(self.now if state is _R.WITHDRAWING else None),
            "hold_until": None,
            "hold_reason": None,
        }
        if left is not None:
            values |= {"may_have_arrived": 1, "in_doubt": 1}
        if state is _R.ACCEPTED and left is not None:
            values |= {"in_doubt": 0, "last_reason": "accepted", "accepted_at": left["left_at"]}
        if left is not None:
            values |= {name: left[name] for name in _SAID if left[name] is not None}
        self.changes.append(Change(referrals, {"id": row["id"]}, values, row["version"]))
        self._noted(row | values)

    def take_over(self, younger: list[dict[str, Any]], rows: list[Row], told: _Told) -> None:
        """Give the case what left of it after the backup; what waited to go to the same partner never leaves."""
        settled = {one.key["id"]: one.values["state"] for one in self.changes}
        live = {row["partner"]: row for row in rows if settled.get(row["id"], row["state"]) in LIVE}
        for row in taken_over(younger, self.row, self.now):
            stands = live.get(row["partner"]) if row["state"] in LIVE else None
            if stands is not None and stands["state"] in UNSENT and stands["id"] not in told.left:
                replaced = {"state": _R.SUPERSEDED, "superseded_by": row["id"], **due_at(None)}
                self.changes.append(Change(referrals, {"id": stands["id"]}, replaced, stands["version"]))
            elif stands is not None:
                row |= {"state": _R.SUPERSEDED, "superseded_by": stands["id"]}
            self.adds.append(Add(referrals, row))
            self._noted(row)

    def _noted(self, row: Row) -> None:
        detail = {"partner": row["partner"], "state": row["state"]}
        self.events.append(Event("referral.in_ledger", ROUTER.id, self.row["id"], row["id"], detail))
        self.held += row["state"] != _R.SUPERSEDED
        if row["state"] == _R.UNKNOWN:
            self._ask((DeskCode.UNKNOWN, _ASKED), row["id"])
        elif row["state"] in {_R.RECALLED, _R.WITHDRAWING}:
            self._ask((DeskCode.OVERRULED, _WAS_TAKEN_BACK), None)
        else:
            self.placed |= look_at(self.now)

    def _ask(self, asks: Question, about: str | None) -> None:
        """Ask people; a case that is still to be decided sees in its decision what its own referrals are now."""
        state = CaseState(self.row["state"])
        if state in TO_BE_DECIDED:
            self.placed |= look_at(self.now)
        elif step(CASE, state, "ask_staff") is not None:
            self.placed |= put_on_desk(self.row | self.placed, asks, self.now, about)
            self.is_asked = True

    def transition(self) -> Transition:
        """Return all of it, whole or not at all."""
        placed = self.placed if self.row["state"] != CaseState.CLOSED else {}
        case = [Change(cases, {"id": self.row["id"]}, placed, self.row["version"])] if placed else []
        return Transition(self.now, (*self.changes, *case), self.adds, (), self.events)


def _after(state: ReferralState, *, left: bool, taken_back: bool) -> ReferralState:
    """Return where a referral may be by now, by the table of states."""
    ways: Mapping[ReferralState, tuple[str, ...]] = {}
    if taken_back:
        ways = _LEFT_AND_TAKEN_BACK if left else _TAKEN_BACK
    elif left:
        ways = _LEFT
    for event in ways.get(state, ()):
        state = step(REFERRAL, state, event) or state
    return state
