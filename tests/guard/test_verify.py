"""Verification finds any change, any gap and any cut, and says nothing of a chain that is whole."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.audit import GENESIS, ChainEntry, Checkpoint, link, make_checkpoint
from router.guard.seal import Keyring
from router.guard.verify import Anchor, Fault, Restored, Verifier, verify

RING = Keyring.open(b"m" * 32)
Row = dict[str, Any]


def epoch_rows(epoch: str, count: int) -> list[Row]:
    rows, previous = [], GENESIS
    for seq in range(1, count + 1):
        entry = ChainEntry(
            epoch, seq, 10 + seq, "router", "act", f"case-{seq}", None, "{}", b"typed" if seq % 2 else None
        )
        previous = link(previous, entry)
        rows.append({**entry._asdict(), "hash": previous})
    return rows


def signed(*counts: dict[str, int], rows: list[Row]) -> list[Row]:
    """A checkpoint for each `{epoch: seq}`."""
    made: list[Checkpoint] = []
    for at, heads in enumerate(counts):
        listed = {
            epoch: (seq, next(row["hash"] for row in rows if (row["epoch"], row["seq"]) == (epoch, seq)))
            for epoch, seq in heads.items()
        }
        made.append(make_checkpoint(made[-1] if made else None, at, listed, RING.sign_audit))
    return [one._asdict() for one in made]


def chain() -> tuple[list[Row], list[Row]]:
    """Two epochs, signed twice; one entry came after the last checkpoint."""
    rows = [*epoch_rows("a", 6), *epoch_rows("b", 4)]
    return rows, signed({"a": 3}, {"a": 6, "b": 3}, rows=rows)


def faults(
    rows: list[Row], checkpoints: list[Row], anchor: Anchor | None = None
) -> list[tuple[Fault, str | None, int]]:
    return [(one.fault, one.epoch, one.number) for one in verify(rows, checkpoints, RING.audit_key(), anchor)]


def test_a_whole_chain_has_no_findings() -> None:
    rows, checkpoints = chain()
    assert faults(rows, checkpoints) == []
    assert faults(rows, checkpoints, Anchor(2, checkpoints[1]["root"])) == []
    assert faults([], []) == []


def test_it_counts_what_it_read() -> None:
    rows, checkpoints = chain()
    verifier = Verifier(RING.audit_key())
    for row in checkpoints:
        assert list(verifier.checkpoint(Checkpoint(**row))) == []
    for row in rows:
        assert list(verifier.entry(ChainEntry(*(row[name] for name in ChainEntry._fields)), row["hash"])) == []
    assert list(verifier.finish()) == []
    assert (verifier.entries, verifier.unsigned, verifier.checkpoints) == (10, 1, 2)


@pytest.mark.parametrize("name", [name for name in ChainEntry._fields if name not in {"epoch", "seq"}])
@pytest.mark.parametrize("at", [0, 4, 9])
def test_a_changed_column_is_found_where_it_is(name: str, at: int) -> None:
    rows, checkpoints = chain()
    value = rows[at][name]
    rows[at][name] = value + 1 if isinstance(value, int) else b"other" if name == "sealed" else "other"
    assert faults(rows, checkpoints) == [(Fault.CHANGED, rows[at]["epoch"], rows[at]["seq"])]


@pytest.mark.parametrize("name", [*ChainEntry._fields[2:], "hash"])
@pytest.mark.parametrize("value", [0, "text", 1.5, None, b"\xff", "\udc80"])
def test_a_value_of_any_type_is_a_finding_not_a_crash(name: str, value: object) -> None:
    rows, checkpoints = chain()
    rows[2][name] = value
    same = chain()[0][2][name] == value
    assert {fault for fault, _, _ in faults(rows, checkpoints)} == (set() if same else {Fault.CHANGED})


@pytest.mark.parametrize("name", Checkpoint._fields)
@pytest.mark.parametrize("value", ["text", 1.5, None, b"\xff"])
def test_a_checkpoint_of_any_type_is_a_finding_not_a_crash(name: str, value: object) -> None:
    rows, checkpoints = chain()
    checkpoints[0][name] = value
    assert Fault.FORGED in {fault for fault, _, _ in faults(rows, checkpoints)}


@pytest.mark.parametrize("value", ["text", 1.5, None])
def test_a_number_of_any_type_is_a_finding_not_a_crash(value: object) -> None:
    rows, checkpoints = chain()
    rows[2]["seq"] = value
    assert (Fault.CHANGED, "a", 3) in faults(rows, checkpoints)


def test_a_changed_hash_is_found() -> None:
    rows, checkpoints = chain()
    rows[1]["hash"] = bytes(32)
    assert faults(rows, checkpoints) == [(Fault.CHANGED, "a", 2), (Fault.CHANGED, "a", 3)]


def test_a_chain_that_was_linked_anew_is_not_the_one_that_was_signed() -> None:
    rows, checkpoints = chain()
    previous = GENESIS
    for row in rows[:6]:
        row["actor"] = "nobody"
        previous = row["hash"] = link(previous, ChainEntry(*(row[name] for name in ChainEntry._fields)))
    assert faults(rows, checkpoints) == [(Fault.CHANGED, "a", 6)]


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ([0], [(Fault.GAP, "a", 2)]),
        ([2, 3], [(Fault.GAP, "a", 5)]),
        ([5], [(Fault.CUT, "a", 5)]),
        ([3, 4, 5], [(Fault.CUT, "a", 3)]),
        ([8, 9], [(Fault.CUT, "b", 2)]),
        ([6, 7, 8, 9], [(Fault.CUT, "b", 0)]),
        (list(range(10)), [(Fault.CUT, "a", 0), (Fault.CUT, "b", 0)]),
    ],
)
def test_missing_entries_are_found(gone: list[int], found: list[tuple[Fault, str, int]]) -> None:
    rows, checkpoints = chain()
    assert faults([row for at, row in enumerate(rows) if at not in gone], checkpoints) == found


def test_two_entries_that_changed_places_are_found() -> None:
    rows, checkpoints = chain()
    rows[1]["seq"], rows[2]["seq"] = 3, 2
    rows[1], rows[2] = rows[2], rows[1]
    assert faults(rows, checkpoints)


@pytest.mark.parametrize("name", Checkpoint._fields)
@pytest.mark.parametrize("at", [0, 1])
def test_a_changed_checkpoint_is_found(name: str, at: int) -> None:
    rows, checkpoints = chain()
    value = checkpoints[at][name]
    checkpoints[at][name] = (
        value + 7 if isinstance(value, int) else b"x" * len(value) if isinstance(value, bytes) else "{}"
    )
    assert (Fault.FORGED, None, checkpoints[at]["number"]) in faults(rows, checkpoints)


@pytest.mark.parametrize("heads", ["", "[]", "{", '{"a": 1}', '{"a": ["x", "zz"]}', "null", '{"a": [1, 2]}'])
def test_heads_that_cannot_be_read_are_forged_not_a_crash(heads: str) -> None:
    rows, checkpoints = chain()
    checkpoints[1]["heads"] = heads
    assert (Fault.FORGED, None, 2) in faults(rows, checkpoints)


def test_another_key_signs_nothing_for_us() -> None:
    rows, checkpoints = chain()
    other = Keyring.open(b"x" * 32).audit_key()
    assert [one.fault for one in verify(rows, checkpoints, other)] == [Fault.FORGED] * 2


def test_a_missing_checkpoint_is_found() -> None:
    rows, checkpoints = chain()
    assert (Fault.GAP, None, 2) in faults(rows, checkpoints[1:])


def test_a_cut_that_took_the_checkpoints_along_shows_against_an_anchor() -> None:
    rows, checkpoints = chain()
    kept = Anchor(2, checkpoints[1]["root"])
    assert faults(rows[:3], checkpoints[:1]) == []  # nothing on this host knows better
    assert faults(rows[:3], checkpoints[:1], kept) == [(Fault.CUT, None, 1)]
    assert faults([], [], kept) == [(Fault.CUT, None, 0)]


def test_checkpoints_made_anew_with_the_stolen_key_differ_from_the_anchor() -> None:
    rows, checkpoints = chain()
    kept = Anchor(1, checkpoints[0]["root"])
    anew = signed({"a": 2}, {"a": 6, "b": 3}, rows=rows)
    assert faults(rows, anew, kept) == [(Fault.FORGED, None, 1)]


@given(st.data())
def test_any_one_mutation_of_what_was_signed_is_found(data: st.DataObject) -> None:
    rows, checkpoints = chain()
    at = data.draw(st.integers(0, 8))  # the last entry is not signed yet
    act = data.draw(st.sampled_from(["drop", "double", "swap"]))
    if act == "drop":
        del rows[at]
    elif act == "double":
        rows.insert(at, dict(rows[at]))
    else:
        other = data.draw(st.integers(0, 8).filter(lambda n: n != at))
        rows[at], rows[other] = rows[other], rows[at]
    assert faults(rows, checkpoints)


def test_it_streams() -> None:
    rows = epoch_rows("a", 3000)
    checkpoints = signed({"a": 3000}, rows=rows)

    def stream() -> Iterator[Row]:
        yield from rows

    assert list(verify(stream(), iter(checkpoints), RING.audit_key())) == []


MINUTE = 60_000_000


def later(rows: list[Row], checkpoints: list[Row], minutes: int, **more: Any) -> list[tuple[Fault, str | None, int]]:
    """What is found so many minutes after the first entry."""
    verifier = Verifier(RING.audit_key(), now=10 + minutes * MINUTE, **more)
    found = [one for row in checkpoints for one in verifier.checkpoint(Checkpoint(**row))]
    for row in rows:
        found += verifier.entry(ChainEntry(*(row[name] for name in ChainEntry._fields)), row["hash"])
    return [(one.fault, one.epoch, one.number) for one in [*found, *verifier.finish()]]


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (4, False), (6, True), (10_000, True), (-5, False)])
def test_what_should_be_signed_by_now_and_is_not_is_found(minutes: int, *, late: bool) -> None:
    rows, checkpoints = chain()
    assert later(rows, checkpoints, minutes) == ([(Fault.UNSIGNED, "b", 4)] if late else [])
    everything = [(Fault.UNSIGNED, None, 0), (Fault.UNSIGNED, "a", 1), (Fault.UNSIGNED, "b", 1)]
    assert later(rows, [], minutes) == (everything if late else [])
    assert later([], [], minutes) == []


def test_every_anchor_must_be_found() -> None:
    rows, checkpoints = chain()
    first, last = Anchor(1, checkpoints[0]["root"]), Anchor(2, checkpoints[1]["root"])
    assert later(rows, checkpoints, 1, anchors=[first, last]) == []
    assert later(rows, checkpoints, 1, anchors=[first, Anchor(1, last.root)]) == [(Fault.FORGED, None, 1)]
    assert later(rows, checkpoints, 1, anchors=[first, Anchor(3, last.root)]) == [(Fault.CUT, None, 2)]


@pytest.mark.parametrize(("at", "found"), [(50, []), (51, [(Fault.CUT, None, 2)]), (0, [(Fault.CUT, None, 2)])])
def test_what_a_restore_lost_is_no_cut_and_what_was_signed_after_it_is(at: int, found: list[Any]) -> None:
    """An anchor that does not say when it was signed, or was signed after the restore, must be found as ever."""
    rows, checkpoints = chain()
    lost = Anchor(3, b"of the machine that burnt", at)
    assert later(rows, checkpoints, 1, anchors=[lost], restored=[Restored(2, 50)]) == found
    assert later(rows, checkpoints, 1, anchors=[lost], restored=[Restored(3, 50)]) == [(Fault.CUT, None, 2)]


@pytest.mark.parametrize(("seq", "found"), [(0, 0), (6, 0), (7, 1), ("x", 0)])
def test_what_the_database_says_was_signed_and_no_checkpoint_says_is_found(seq: Any, found: int) -> None:
    _, checkpoints = chain()
    verifier = Verifier(RING.audit_key())
    for row in checkpoints:
        assert list(verifier.checkpoint(Checkpoint(**row))) == []
    assert len(list(verifier.was_signed("a", seq))) == found
    assert [one.fault for one in verifier.was_signed("never", 1)] == [Fault.CUT]
