import json
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.guard.anchor import Anchors, line_of, read
from router.guard.audit import Checkpoint, make_checkpoint
from router.guard.seal import Keyring
from router.guard.verify import Anchor

RING = Keyring.open(b"m" * 32)
MINUTE = 60_000_000


def history(count: int, mark: bytes = b"") -> list[Checkpoint]:
    made: list[Checkpoint] = []
    for number in range(1, count + 1):
        heads = {"epoch": (number, bytes([number]) * 31 + (mark or b"x"))}
        made.append(make_checkpoint(made[-1] if made else None, number * MINUTE, heads, RING.sign_audit))
    return made


def anchor(made: Checkpoint) -> Anchor:
    return Anchor(made.number, made.root, made.at)


def test_the_newest_root_stands_alone_in_a_file_of_its_own(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be")
    assert (kept.newest(), kept.all()) == (None, [])
    for made in history(3):
        kept.keep(made)
    assert kept.all() == [kept.newest()] == [anchor(history(3)[2])]
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


@given(st.permutations(range(5)))
def test_two_processes_that_keep_out_of_order_keep_the_newest(order: list[int]) -> None:
    with TemporaryDirectory() as folder:
        kept = Anchors(Path(folder) / "audit.anchor", "hotline-be")
        for at in order:
            kept.keep(history(5)[at])
        assert kept.all() == [anchor(history(5)[4])]


def test_what_the_database_lost_stays_as_the_proof(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be")
    kept.keep(history(5)[4])
    kept.lose(anchor(history(5)[4]))
    assert (kept.newest(), kept.lost()) == (None, [anchor(history(5)[4])])
    for made in history(7, b"y"):  # another history, which outgrows the first
        kept.keep(made)
    assert kept.newest() == anchor(history(7, b"y")[6])
    assert kept.all() == [anchor(history(5)[4]), anchor(history(7, b"y")[6])]


def test_a_receiver_gets_every_root_in_a_file_a_month(tmp_path: Path) -> None:
    receiver = tmp_path / "auditor"
    receiver.mkdir()
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be", receiver)
    assert kept.received() is None
    assert kept.is_behind()
    for made in history(3):
        kept.keep(made)
    (file,) = receiver.iterdir()
    assert file.name == "hotline-be-1970-01.ndjson"
    assert read(file.read_text(encoding="utf-8"), RING.audit_key()) == [anchor(one) for one in history(3)]
    assert kept.received() == anchor(history(3)[2])
    assert not kept.is_behind()


@pytest.mark.parametrize("text", ["", "not json\n", "{}\n", '{"number": "x", "root": 1}\n'])
def test_a_receiver_s_file_that_cannot_be_read_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "hotline-be-2026-11.ndjson").write_text(text)
    assert Anchors(tmp_path / "audit.anchor", "hotline-be", tmp_path).received() is None


def test_a_receiver_who_is_away_keeps_nobody_from_working(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be", tmp_path / "away")
    kept.keep(history(1)[0])
    assert kept.newest() == anchor(history(1)[0])
    assert kept.is_behind()


def test_a_folder_that_takes_nothing_keeps_nobody_from_working(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "none" / "audit.anchor", "hotline-be")
    kept.keep(history(1)[0])
    kept.lose(anchor(history(1)[0]))
    assert kept.newest() is None


def test_a_file_that_is_damaged_says_nothing_and_is_written_anew(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be")
    kept.path.write_text("x")
    assert kept.newest() is None
    kept.keep(history(1)[0])
    assert kept.newest() == anchor(history(1)[0])


@pytest.mark.parametrize(
    "change", [{"number": 3}, {"at": 1}, {"root": "00"}, {"root": "zz"}, {"signature": "00" * 64}, {"signature": None}]
)
def test_only_what_this_router_signed_is_read(change: dict[str, object]) -> None:
    line = line_of(history(2)[1])
    assert read(json.dumps(line), RING.audit_key()) == [anchor(history(2)[1])]
    with pytest.raises(BadInput, match="never signed"):
        read(json.dumps(line | change), RING.audit_key())
    with pytest.raises(BadInput):
        read(json.dumps(line), Keyring.open(b"o" * 32).audit_key())


@given(st.text(max_size=40))
def test_any_other_text_is_refused(text: str) -> None:
    if text.strip():
        with pytest.raises(BadInput):
            read(text, RING.audit_key())


def test_a_backup_keeps_no_root_of_what_is_not_in_it(tmp_path: Path) -> None:
    kept = Anchors(tmp_path / "audit.anchor", "hotline-be")
    kept.keep(history(5)[4])
    kept.put_back(5)
    assert kept.newest() == anchor(history(5)[4])
    kept.put_back(4)
    assert (kept.newest(), kept.all()) == (None, [])
