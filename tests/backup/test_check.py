"""What is cut, changed, or of another key is refused with a sentence, and leaves nothing behind."""

import json
import random
import shutil
from pathlib import Path

import apsw
import pytest

from router.backup.manifest import FILE, Manifest
from router.backup.put_back import put_back
from router.backup.take import take
from router.errors import BadInput, CannotStart, RouterError
from router.guard.master import open_keyring
from tests.backup.stores import made


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    settings = await made(tmp_path / "data", None)
    await take(settings, tmp_path / "backup", None)
    return tmp_path / "backup"


async def refused(backup: Path, keys: Path | None = None) -> RouterError:
    new = backup.parent / "new"
    with pytest.raises((BadInput, CannotStart)) as error:
        await put_back(backup, keys, new, None)
    assert not new.exists()
    assert [path for path in backup.parent.iterdir() if path.name.startswith(".")] == []
    return error.value


async def test_a_file_that_lost_its_end_or_a_bit_or_is_gone(backup: Path) -> None:
    """Every file, cut and flipped at generated places."""
    chance = random.Random(7)  # noqa: S311 - a damage that repeats
    for name in sorted(path.relative_to(backup) for path in backup.rglob("*") if path.is_file()):
        whole = (backup / name).read_bytes()
        at = chance.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        for content, reasons in (
            (whole[:at], {"damaged", "cut", "cannot_start"}),
            (flipped, {"damaged", "other_key", "newer", "older", "other_half", "cannot_start"}),
            (None, {"cut"}),
        ):
            (backup / name).unlink()
            if content is not None:
                (backup / name).write_bytes(content)
                (backup / name).chmod(0o600)
            assert (await refused(backup)).reason in reasons, (name, at)
            (backup / name).write_bytes(whole)
            (backup / name).chmod(0o600)
    await put_back(backup, None, backup.parent / "new", None)


async def test_whoever_writes_a_new_manifest_has_not_the_key(backup: Path) -> None:
    said = json.loads((backup / FILE).read_text())
    said["counts"]["cases"] = 1
    (backup / FILE).write_text(json.dumps(said))
    assert "was changed" in (await refused(backup)).message


async def test_the_keys_of_another_router_and_of_another_backup(backup: Path) -> None:
    tmp_path = backup.parent
    (tmp_path / "elsewhere").mkdir()
    other = await made(tmp_path / "elsewhere" / "data", None)
    await take(other, tmp_path / "others", tmp_path / "other-keys")
    found = await refused(backup, tmp_path / "other-keys")
    assert (found.reason, "another master key" in found.message) == ("other_key", True)
    from router.settings import Settings

    again = Settings.load(data_dir=tmp_path / "data")
    await take(again, tmp_path / "later", tmp_path / "later-keys")
    found = await refused(backup, tmp_path / "later-keys")
    assert (found.reason, "another backup" in found.message) == ("other_keys", True)
    assert (await refused(backup, tmp_path / "nowhere")).reason == "cut"


@pytest.mark.parametrize(("revision", "word"), [("0001", "older"), ("9999", "newer")])
async def test_the_schema_of_another_version(backup: Path, revision: str, word: str) -> None:
    keyring = open_keyring(backup / "keys" / "master.key")
    manifest, _ = Manifest.read(backup, "data")
    Manifest(**{**{name: getattr(manifest, name) for name in manifest.__slots__}, "revision": revision}).write(
        backup, keyring
    )
    found = await refused(backup)
    assert (found.reason, "version 0.2.0" in found.message) == (word, True)


async def test_what_a_valid_manifest_says_is_read_all_the_same(backup: Path) -> None:
    """Somebody who has the key can sign anything: the database itself must still be whole, and its audit too."""
    keyring = open_keyring(backup / "keys" / "master.key")
    manifest, _ = Manifest.read(backup, "data")
    database = apsw.Connection(str(backup / "router.db"))
    database.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    database.close()
    from router.backup.manifest import digests

    values = {name: getattr(manifest, name) for name in manifest.__slots__}
    Manifest(**{**values, "files": digests(backup)}).write(backup, keyring)
    assert "audit in this backup is not whole" in (await refused(backup)).message
    shutil.rmtree(backup)
    assert (await refused(backup)).reason == "cut"
