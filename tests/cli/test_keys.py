"""`keys rotate` at the machine: what it says, and what stands afterwards."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.app import build
from router.guard.master import load_keys
from router.store.schema.tables import case_keys
from tests.backup.stores import made, settings_of

Run = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asyncio.run(made(tmp_path / "data", None))
    return tmp_path / "data"


def test_a_new_key_is_prepared_put_in_force_and_the_old_one_kept_for_n_days(run: Run, data: Path) -> None:
    before = load_keys(data / "master.key").current
    assert run("keys", "rotate", "--prepare", "--data", str(data)).code == 0
    coming = load_keys(data / "master.key").coming
    said = json.loads(run("keys", "rotate", "--data", str(data), "--json").out)
    assert (said["new"], said["rows"]) == (True, 3)
    keys = load_keys(data / "master.key")
    assert (keys.current, keys.coming, [key for key, _ in keys.former]) == (coming, None, [before])
    text = run("keys", "rotate", "--data", str(data)).out
    assert "A new master key is in force: 3 keys were wrapped anew" in text


def test_a_backup_of_before_and_one_of_after_are_both_put_back(data: Path, run: Run, tmp_path: Path) -> None:
    where = str(data)
    assert run("backup", str(tmp_path / "before"), "--data", where).code == 0
    assert run("keys", "rotate", "--data", where).code == 0
    assert run("backup", str(tmp_path / "after"), "--data", where).code == 0
    for name in ("before", "after"):
        assert run("restore", str(tmp_path / name), "--data", str(tmp_path / f"new-{name}")).code == 0
        asyncio.run(opens(tmp_path / f"new-{name}"))


async def opens(folder: Path) -> None:
    """Every case's key opens under the key file beside it."""
    async with build(settings_of(folder, None)) as router:
        rows = await router.store.rows(case_keys.select())
        assert len(rows) == 3
        for row in rows:
            assert router.ctx.keyring.unwrap(row["case_id"], row["wrapped"])
