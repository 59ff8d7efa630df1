"""The ledger: numbered without gaps, sealed, and whoever changes it is found out."""

import json
from pathlib import Path

import pytest

from router.errors import BadInput, Damaged
from router.guard.ledger import Kind, Ledger, Line, erasures, of, read
from router.guard.master import KeyFile
from router.guard.seal import Keyring

KEYRING = Keyring.open(b"l" * 32)
LINES = [
    Line(7, Kind.ERASED, "case-a"),
    Line(8, Kind.LEFT, "referral-b", {"partner": "nl", "receipt": "R-7"}),
    Line(9, Kind.RECALLED, "referral-c"),
]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    found = of(tmp_path, "be", KEYRING)
    assert found is not None
    for line in LINES:
        found.keep([line])
    found.keep([])
    return found


def test_lines_come_back_in_their_order(ledger: Ledger) -> None:
    assert [(one.n, Line(one.at, one.kind, one.id, one.said)) for one in read(ledger.path, KEYRING)] == [
        *enumerate(LINES, start=1)
    ]
    assert not any(word in ledger.path.read_bytes() for word in (b"referral-b", b"R-7", b"nl"))
    assert ledger.path.stat().st_mode & 0o077 == 0
    assert of(None, "be", KEYRING) is None


@pytest.mark.parametrize("at", [0, 1])
def test_a_line_that_is_taken_out_changed_or_moved_is_found(ledger: Ledger, at: int) -> None:
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    without = b"".join(lines[:at] + lines[at + 1 :])
    moved = b"".join([lines[1], lines[0], lines[2]])
    renumbered = lines[at].replace(f'"n":{at + 1}'.encode(), b'"n":9')
    for wrong in (without, moved, b"".join([*lines[:at], renumbered, *lines[at + 1 :]])):
        ledger.path.write_bytes(wrong)
        with pytest.raises(BadInput):
            read(ledger.path, KEYRING)


def test_another_routers_ledger_and_none_are_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="of another router"):
        read(ledger.path, Keyring.open(b"o" * 32))
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "none", KEYRING)


def test_a_line_that_a_crash_cut_is_written_again_under_its_number(ledger: Ledger) -> None:
    whole = ledger.path.read_bytes()
    for end in range(len(whole) - 1, len(whole) - 40, -7):
        ledger.path.write_bytes(whole[:end])
        ledger.keep([Line(10, Kind.ERASED, "case-d")])
        assert [one.id for one in read(ledger.path, KEYRING)][-1] == "case-d"


def test_a_folder_that_is_gone_fails_nobody_and_gets_its_lines_when_it_is_back(
    tmp_path: Path, log_restored: None
) -> None:
    found = of(tmp_path / "gone", "be", KEYRING)
    assert found is not None
    found.keep(LINES[:2])
    (tmp_path / "gone").mkdir()
    found.keep(LINES[2:])
    assert [one.id for one in read(found.path, KEYRING)] == [line.id for line in LINES]


@pytest.mark.parametrize(
    ("said", "erased", "unsure"),
    [
        ((Kind.ERASING,), set(), {"c"}),
        ((Kind.ERASING, Kind.STAYED), set(), set()),
        ((Kind.ERASING, Kind.STAYED, Kind.ERASING), set(), {"c"}),
        ((Kind.ERASING, Kind.ERASED), {"c"}, set()),
        ((Kind.ERASING, Kind.STAYED, Kind.ERASED), {"c"}, set()),
        ((Kind.ERASED,), {"c"}, set()),
    ],
    ids=["cut", "stayed", "cut later", "erased", "erased later", "as older routers wrote it"],
)
def test_a_second_line_says_whether_a_case_that_was_about_to_be_erased_was(
    tmp_path: Path, said: tuple[Kind, ...], erased: set[str], unsure: set[str]
) -> None:
    found = Ledger(tmp_path / "new.ledger", KEYRING)
    assert found.left_open()[0] == set()
    found.keep([Line(7, kind, "c") for kind in said])
    assert erasures(read(found.path, KEYRING)) == (erased, unsure)
    assert found.left_open()[0] == unsure


def test_what_a_crash_left_open_is_found_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    found = Ledger(tmp_path / "long.ledger", KEYRING)
    found.keep([Line(7, Kind.ERASED, f"case-{n}") for n in range(8000)])
    found.keep([Line(7, Kind.ERASING, f"last-{n}") for n in range(200)])
    assert found.path.stat().st_size > 1024 * 1024
    assert found.left_open()[0] == {f"last-{n}" for n in range(200)}


def replaced() -> tuple[Keyring, Keyring]:
    """The keyring of a key file, and that of the same one after `keys rotate --indexes`."""
    keys = KeyFile(b"l" * 32)
    return Keyring(keys.masters), Keyring(keys.reindexing().reindexed().masters)


def test_the_seal_is_replaced_with_the_indexes_and_each_key_reads_its_own_lines(tmp_path: Path) -> None:
    before, after = replaced()
    path = tmp_path / "be.ledger"
    Ledger(path, before).keep([*LINES, Line(10, Kind.REINDEXED, "indexes")])
    assert Ledger(path, after).left_open() == (set(), set())
    with pytest.raises(BadInput, match="of another router"):
        read(path, after)
    Ledger(path, after).keep([Line(11, Kind.BACKUP, "b"), Line(12, Kind.ERASING, "case-d")])
    assert [(one.n, one.id) for one in read(path, after)] == [(5, "b"), (6, "case-d")]
    assert [one.id for one in read(path, before)] == ["case-a", "referral-b", "referral-c", "indexes"]
    assert Ledger(path, after).left_open() == ({"case-d"}, set())
    sealed = bytes.fromhex(json.loads(path.read_bytes().splitlines()[-1])["sealed"])
    for named in (before.ids()[0], after.ids()[0]):
        with pytest.raises(Damaged):
            before.open_lasting("ledger", "6", sealed[:2] + named + sealed[6:])


@pytest.mark.parametrize("place", range(1, 5))
def test_whoever_has_the_key_before_writes_nothing_that_is_taken(tmp_path: Path, place: int) -> None:
    before, after = replaced()
    path, theirs = tmp_path / "be.ledger", tmp_path / "theirs"
    Ledger(path, after).keep([Line(n, Kind.ERASED, f"case-{n}") for n in range(1, 5)])
    Ledger(theirs, before).keep([Line(n, Kind.ERASED, "of an open case") for n in range(1, 6)])
    ours, forged = path.read_bytes().splitlines(), theirs.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*ours[:place], forged[place], *ours[place + 1 :]]))
    with pytest.raises(BadInput, match=f"Line {place + 1} of the ledger was changed"):
        read(path, after)
