"""The audit chain of one writer: its epoch, its head, and the rows that link a group's events to it.

Every writer opens an epoch of its own, with the first event it commits. No process ever continues another's epoch, nor
its own from before a restart or after a commit of unknown result: so no head needs to be agreed on between processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import orjson

from router.guard.audit import GENESIS, Entry, link
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.tables_audit import audit, epochs


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


def link_events(head: Head, group: Sequence[Transition]) -> tuple[list[Add], Head]:
    """Return the rows that append the group's events to the chain, and the head after them."""
    adds: list[Add] = []
    seq, previous = head.seq, head.hash
    for transition in group:
        for event in transition.events:
            if seq == 0:
                adds.append(Add(epochs, {"epoch": head.epoch, "opened_at": transition.at, "signed_seq": 0}))
            seq += 1
            detail = orjson.dumps(event.detail, option=orjson.OPT_SORT_KEYS).decode()
            entry = Entry(
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
            adds.append(Add(audit, {**entry._asdict(), "hash": previous}))
    return adds, Head(head.epoch, seq, previous)
