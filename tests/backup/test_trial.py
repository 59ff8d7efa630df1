"""That a copy was put back is read as it was written, by its own router only."""

from pathlib import Path

from router.backup.trial import Trial, beside
from router.guard.seal import Keyring

OURS = Keyring.open(b"m" * 32)
TRIAL = Trial("b-1", 7, 9)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = beside(tmp_path / "be.ledger")
    assert path.name == "be.restored"
    assert Trial.read(path, OURS) is None
    assert TRIAL.write(path, OURS)
    assert Trial.read(path, OURS) == TRIAL
    assert Trial.read(path, Keyring.open(b"o" * 32)) is None


def test_what_was_changed_or_cut_is_none(tmp_path: Path) -> None:
    path = tmp_path / "be.restored"
    TRIAL.write(path, OURS)
    whole = path.read_bytes()
    for wrong in (whole[:20], whole.replace(b'"point":7', b'"point":8'), b"[]", b'{"mac": "00"}'):
        path.write_bytes(wrong)
        assert Trial.read(path, OURS) is None


def test_a_folder_that_nobody_writes_is_told(tmp_path: Path) -> None:
    assert not TRIAL.write(tmp_path / "gone" / "be.restored", OURS)
