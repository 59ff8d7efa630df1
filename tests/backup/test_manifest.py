"""A manifest is what was written, under the key it was written with."""

from dataclasses import replace
from pathlib import Path

import pytest

from router.backup.manifest import Manifest, digests
from router.errors import BadInput
from router.guard.seal import Keyring

OURS, THEIRS = Keyring.open(b"a" * 32), Keyring.open(b"b" * 32)
ONE = Manifest("id", "data", "0.2.0", "0001", "sqlite", 7, {"cases": 1}, {})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    ONE.write(tmp_path, OURS)
    found, mac = Manifest.read(tmp_path, "data")
    assert found == ONE
    found.check(mac, OURS)
    for wrong, keyring, reason in ((found, THEIRS, "other_key"), (replace(found, point=8), OURS, "damaged")):
        with pytest.raises(BadInput) as error:
            wrong.check(mac, keyring)
        assert error.value.reason == reason


def test_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    for name in ("one", "manifest.json", "keys/two"):
        (tmp_path / name).write_text(name)
    manifest = replace(ONE, files=digests(tmp_path))
    assert set(manifest.files) == {"one"}
    manifest.check_files(tmp_path)
    (tmp_path / "one").write_text("other")
    with pytest.raises(BadInput, match="damaged"):
        manifest.check_files(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '"x"', '{"mac": "zz"}', '{"mac": "00", "format": 1, "more": 2}'])
def test_what_is_no_manifest_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BadInput):
        Manifest.read(tmp_path, "data")
