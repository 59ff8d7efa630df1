"""What of each commit goes into the ledger: whoever puts an older backup back has to know it (`guard/ledger`).

Only the store sees every way in which a case is erased or a referral leaves, so it is noted here and nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from router.errors import BadInput, StoreUnavailable
from router.guard.ledger import Kind, Ledger, Line
from router.guard.log import get_log
from router.store.base import Change, Row, Transition
from router.store.schema.tables import case_keys, cases, referrals
from schemas.states import ReferralState

Rows = Callable[[Select[Any]], Awaitable[list[Row]]]
#: What is known of a referral that left: by the location's index its case is found again when it is reported again.
SAID: Final = ("case_id", "partner", "route", "dialect", "receipt", "their_report", "their_item")
#: What partners call it.
_CALLED: Final = frozenset({"receipt", "their_report", "their_item"})
#: Where a referral is that people took back.
_TAKEN_BACK: Final = (ReferralState.RECALLED, ReferralState.WITHDRAWING, ReferralState.RECALL_PENDING)
#: Values in one question to the store.
_AT_ONCE: Final = 500


class ForLedger:
    """Notes what is about to be committed, and what was. One group at a time."""

    def __init__(self, kept: Ledger, rows: Rows) -> None:
        """`rows` reads the store."""
        self._kept = kept
        self._rows = rows
        self._unsure: set[str] | None = None  #: cases that may have been erased; None: the ledger was not asked yet
        self._recalling: set[str] = set()  #: referrals that may have been taken back

    async def before(self, group: Sequence[Transition]) -> None:
        """Note what is to leave, whose bytes are kept before the first of them does, to be erased and to be taken back.

        A line too many of what leaves, where the commit fails, has people asked after a restore; one too few would send
        it twice. One of what is erased or recalled is taken back by a second, since a case that was not erased must
        stay, and what nobody took back its partner keeps. Raise StoreUnavailable.
        """
        lines = await self._settled(max(one.at for one in group))
        erasing = {name: one.at for one in group for name in _erased(one)}
        lines += [Line(at, Kind.ERASING, name) for name, at in erasing.items()]
        recalling = {name: one.at for one in group for name in _recalled(one)}
        lines += [Line(at, Kind.RECALLING, name) for name, at in recalling.items()]
        leaving = {
            change.key["id"]: (one.at, change.values)
            for one in group
            for change in _of_referrals(one)
            if change.values.get("payload") is not None
        }
        await self._keep(lines + await self._left(leaving))
        self._unsure, self._recalling = set(erasing), set(recalling)

    async def after(self, done: Sequence[Transition]) -> None:
        """Note what was erased and recalled, and what partners call what they have. It never fails."""
        lines: list[Line] = []
        called: dict[str, tuple[int, Mapping[str, Any]]] = {}
        for one in done:
            gone = _erased(one)
            lines += [Line(one.at, Kind.ERASED, name) for name in gone]
            recalled = _recalled(one)
            lines += [Line(one.at, Kind.RECALLED, name) for name in recalled]
            self._recalling.difference_update(recalled)
            lines += [Line(one.at, Kind.REINDEXED, "indexes") for event in one.events if event.act == "keys.reindexed"]
            called |= {change.key["id"]: (one.at, {}) for change in _of_referrals(one) if _is_called(change.values)}
            called |= {
                add.values["id"]: (one.at, {}) for add in one.adds if add.table is referrals and _is_called(add.values)
            }
            if self._unsure is not None:
                self._unsure.difference_update(gone)
        try:
            lines += await self._left(called)
        except StoreUnavailable as error:
            get_log("audit").error("ledger_not_kept", exc_info=error)
        await self._keep(lines)

    async def _settled(self, at: int) -> list[Line]:
        """Return what came of erasures and recalls of which nobody knew: of the group before, and of a cut life."""
        if self._unsure is None:
            try:
                self._unsure, self._recalling = await asyncio.to_thread(self._kept.left_open)
            except (OSError, BadInput) as error:
                get_log("audit").error("ledger_not_read", exc_info=error)
                self._unsure = set()
        lines, unsure = await self._recalls(at), sorted(self._unsure or ())
        for first in range(0, len(unsure), _AT_ONCE):
            names = unsure[first : first + _AT_ONCE]
            rows = await self._rows(select(case_keys.c.case_id).where(case_keys.c.case_id.in_(names)))
            here = {row["case_id"] for row in rows}
            lines += [Line(at, Kind.STAYED if name in here else Kind.ERASED, name) for name in names]
        return lines

    async def _recalls(self, at: int) -> list[Line]:
        names, lines = sorted(self._recalling), list[Line]()
        for first in range(0, len(names), _AT_ONCE):
            asked = names[first : first + _AT_ONCE]
            wanted = select(referrals.c.id).where(referrals.c.id.in_(asked), referrals.c.state.in_(_TAKEN_BACK))
            gone = {row["id"] for row in await self._rows(wanted)}
            lines += [Line(at, Kind.RECALLED if name in gone else Kind.KEPT, name) for name in asked]
        return lines

    async def _keep(self, lines: Sequence[Line]) -> None:
        """Add lines in a thread, where there are any: the disk may take its time."""
        if lines:
            await asyncio.to_thread(self._kept.keep, lines)

    async def _left(self, known: Mapping[str, tuple[int, Mapping[str, Any]]]) -> list[Line]:
        if not known:
            return []
        wanted = (
            select(*(referrals.c[name] for name in ("id", *SAID)), cases.c.url_bidx)
            .join(cases, cases.c.id == referrals.c.case_id)
            .where(referrals.c.id.in_(sorted(known)))
        )
        return [_line(row, *known[row["id"]]) for row in await self._rows(wanted)]


def _line(row: Row, at: int, values: Mapping[str, Any]) -> Line:
    found = row | {name: value for name, value in values.items() if name in SAID}
    said = {name: str(found[name]) for name in SAID if found[name] is not None}
    return Line(at, Kind.LEFT, row["id"], said | {"url_bidx": bytes(row["url_bidx"]).hex()})


def _erased(transition: Transition) -> list[str]:
    return [one.key["case_id"] for one in transition.removes if one.table is case_keys and "case_id" in one.key]


def _recalled(transition: Transition) -> list[str]:
    events = (one for one in transition.events if one.act == "referral.recalled")
    return [one.referral_id for one in events if one.referral_id is not None]


def _of_referrals(transition: Transition) -> Iterable[Change]:
    return (change for change in transition.changes if change.table is referrals and "id" in change.key)


def _is_called(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) is not None for name in _CALLED)
