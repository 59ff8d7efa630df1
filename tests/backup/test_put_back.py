"""What a restore leaves, and what a killed one does not (what is in it: `test_take`)."""

from pathlib import Path

import pytest

from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.govern.paused import paused, send_again_since
from router.errors import BadInput
from router.settings import Settings
from router.store.connect import open_store
from tests.backup.stores import made
from tests.store.samples import KEYRING


async def test_it_is_paused_at_the_point_of_the_backup(tmp_path: Path) -> None:
    settings = await made(tmp_path / "data", None, reports=1)
    taken = await take(settings, tmp_path / "backup", None)
    done = await put_back(tmp_path / "backup", None, tmp_path / "new", None)
    assert done.paused.point == taken.manifest.point
    from router.guard.master import load_master
    from router.guard.seal import Keyring

    keyring = Keyring.open(load_master(tmp_path / "new" / "master.key"))
    assert keyring.check_value() != KEYRING.check_value()
    store = await open_store(None, tmp_path / "new", keyring)
    found = await paused(store)
    assert found == done.paused
    assert await send_again_since(store) == taken.manifest.point
    await store.close()
    assert "release" in done.paused.text


async def test_a_database_that_is_no_postgresql_is_refused(tmp_path: Path) -> None:
    settings: Settings = await made(tmp_path / "data", None, reports=1)
    await take(settings, tmp_path / "backup", None)
    with pytest.raises(BadInput, match="PostgreSQL"):
        await put_back(tmp_path / "backup", None, tmp_path / "new", "sqlite:///elsewhere.db")
    assert not (tmp_path / "new").exists()
