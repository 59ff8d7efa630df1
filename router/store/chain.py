"""The audit chain of one writer: its epoch, its head, and the rows that link a group's events to it.

Every writer opens an epoch of its own, with the first event it commits. No process ever continues another's epoch, nor
its own from before a restart or after a commit of unknown result: so no head needs to be agreed on between processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from router.guard.audit import GENESIS, ChainEntry, link
from router.store.base import Transition
from router.store.ids import new_id

#: The columns of `link_events`' rows, and of the row that opens an epoch.
AUDIT_COLUMNS: Final = (*ChainEntry._fields, "hash")
EPOCH_COLUMNS: Final = ("epoch", "opened_at", "signed_seq", "program")


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of an epoch; seq 0 when it has none yet."""

    epoch: str
    seq: int
    hash: bytes

    @classmethod
    def fresh(cls) -> Self:
        """Return the head of a new epoch."""
        return cls(new_id(), 0, GENESIS)


def link_events(head: Head, group: Sequence[Transition]) -> tuple[list[tuple[Any, ...]], Head]:
    """Return the rows that append the group's events to the chain, and the head after them."""
    rows: list[tuple[Any, ...]] = []
    seq, previous = head.seq, head.hash
    for transition in group:
        for event in transition.events:
            seq += 1
            detail = orjson.dumps(event.detail, option=orjson.OPT_SORT_KEYS).decode() if event.detail else "{}"
            entry = ChainEntry(
                head.epoch,
                seq,
                transition.at,
                event.actor,
                event.act,
                event.case_id,
                event.referral_id,
                detail,
                event.sealed,
            )
            previous = link(previous, entry)
            rows.append((*entry, previous))
    return rows, Head(head.epoch, seq, previous)
