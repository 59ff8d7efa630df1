"""Events become linked rows, in the order they were handed over."""

import json

from router.guard.audit import ChainEntry
from router.guard.verify import Verifier
from router.store.base import Event, Transition
from router.store.chain import AUDIT_COLUMNS, Head, link_events
from router.store.schema.audit import audit
from tests.store.samples import KEYRING


def events(*acts: str) -> Transition:
    return Transition(
        7, events=[Event(act, "router", "case-1", "referral-1", {"b": 1, "a": [2]}, b"x") for act in acts]
    )


def test_the_rows_fit_the_table() -> None:
    assert set(AUDIT_COLUMNS) == {column.name for column in audit.columns}


def test_events_are_linked_over_groups() -> None:
    head = Head.fresh()
    first, after = link_events(head, [events("one", "two"), events("three")])
    second, last = link_events(after, [events("four")])
    verifier = Verifier(KEYRING.audit_key())
    for row in first + second:
        assert list(verifier.entry(ChainEntry(*row[:-1]), row[-1])) == []
    assert [row[AUDIT_COLUMNS.index("act")] for row in first + second] == ["one", "two", "three", "four"]
    assert (last.epoch, last.seq, last.hash) == (head.epoch, 4, second[-1][-1])


def test_an_entry_says_what_the_event_said() -> None:
    ((_, seq, at, actor, act, case_id, referral_id, detail, sealed, _),), _ = link_events(
        Head.fresh(), [events("held")]
    )
    assert (seq, at, actor, act, case_id, referral_id, sealed) == (1, 7, "router", "held", "case-1", "referral-1", b"x")
    assert list(json.loads(detail).items()) == [("a", [2]), ("b", 1)]  # one order, whoever wrote it


def test_an_event_without_detail_keeps_valid_json() -> None:
    rows, _ = link_events(Head.fresh(), [Transition(1, events=[Event("a", "b")])])
    assert rows[0][AUDIT_COLUMNS.index("detail")] == "{}"


def test_every_epoch_is_new() -> None:
    assert len({Head.fresh().epoch for _ in range(50)}) == 50
