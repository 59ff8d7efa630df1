"""What of each commit goes into the ledger: whoever puts an older backup back has to know it (`guard/ledger`).

Only the store sees every way in which a case is erased or a referral leaves, so it is noted here and nowhere else.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from router.errors import StoreUnavailable
from router.guard.ledger import Kind, Ledger, Line
from router.guard.log import get_log
from router.store.base import Change, Row, Transition
from router.store.schema.tables import case_keys, cases, referrals

Rows = Callable[[Select[Any]], Awaitable[list[Row]]]
#: What is known of a referral that left: by the location's index its case is found again when it is reported again.
SAID: Final = ("case_id", "partner", "route", "dialect", "receipt", "their_report", "their_item")
#: What partners call it.
_CALLED: Final = frozenset({"receipt", "their_report", "their_item"})


class ForLedger:
    """Notes what is about to be committed, and what was."""

    def __init__(self, kept: Ledger, rows: Rows) -> None:
        """`rows` reads the store."""
        self._kept = kept
        self._rows = rows

    async def before(self, group: Sequence[Transition]) -> None:
        """Note what is to leave: its bytes are kept before the first of them does (`deliver/send`).

        A line too many, where the commit fails, has people asked after a restore; one too few would send it twice.
        Raise StoreUnavailable.
        """
        leaving = {
            change.key["id"]: (one.at, change.values)
            for one in group
            for change in _of_referrals(one)
            if change.values.get("payload") is not None
        }
        await self._left(leaving)

    async def after(self, done: Sequence[Transition]) -> None:
        """Note what was erased and recalled, and what partners call what they have. It never fails."""
        lines: list[Line] = []
        called: dict[str, tuple[int, Mapping[str, Any]]] = {}
        for one in done:
            lines += [
                Line(one.at, Kind.ERASED, remove.key["case_id"])
                for remove in one.removes
                if remove.table is case_keys and "case_id" in remove.key
            ]
            lines += [
                Line(one.at, Kind.RECALLED, event.referral_id)
                for event in one.events
                if event.act == "referral.recalled" and event.referral_id is not None
            ]
            called |= {change.key["id"]: (one.at, {}) for change in _of_referrals(one) if _is_called(change.values)}
            called |= {
                add.values["id"]: (one.at, {}) for add in one.adds if add.table is referrals and _is_called(add.values)
            }
        self._kept.keep(lines)
        try:
            await self._left(called)
        except StoreUnavailable as error:
            get_log("audit").error("ledger_not_kept", exc_info=error)

    async def _left(self, known: Mapping[str, tuple[int, Mapping[str, Any]]]) -> None:
        if not known:
            return
        wanted = (
            select(*(referrals.c[name] for name in ("id", *SAID)), cases.c.url_bidx)
            .join(cases, cases.c.id == referrals.c.case_id)
            .where(referrals.c.id.in_(sorted(known)))
        )
        self._kept.keep([_line(row, *known[row["id"]]) for row in await self._rows(wanted)])


def _line(row: Row, at: int, values: Mapping[str, Any]) -> Line:
    found = row | {name: value for name, value in values.items() if name in SAID}
    said = {name: str(found[name]) for name in SAID if found[name] is not None}
    return Line(at, Kind.LEFT, row["id"], said | {"url_bidx": bytes(row["url_bidx"]).hex()})


def _of_referrals(transition: Transition) -> Iterable[Change]:
    return (change for change in transition.changes if change.table is referrals and "id" in change.key)


def _is_called(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) is not None for name in _CALLED)
