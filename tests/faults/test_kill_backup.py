"""kill -9 of `backup` at any moment while reports come in: a cut one is never taken for one, the next is whole.

Each backup is a process of its own, as an operator starts it; each that ended well is put back and counted against what
had been acknowledged before it began. A few kills in CI, and more until one of them came before the end;
ROUTER_BACKUP_KILLS for more.
"""

import asyncio
import os
import random
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import build
from router.backup.put_back import put_back
from router.casework.intake.ndjson import take_batch
from router.errors import BadInput
from router.settings import Settings
from router.store.connect import open_store
from router.store.recount import recounted
from router.store.schema.tables import case_keys, cases
from tests.backup import stores
from tests.neighbours import ANALYSTS, report

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
KILLS = int(os.environ.get("ROUTER_BACKUP_KILLS", "2"))


async def test_a_cut_backup_is_never_taken_for_one(tmp_path: Path) -> None:
    """Each backup starts an interpreter, which takes seconds on a busy machine."""
    await _story(tmp_path, None)


@pytest.mark.postgres
async def test_a_cut_backup_of_postgresql_is_never_taken_for_one(tmp_path: Path, postgres_dsn: str) -> None:
    """As above."""
    await _story(tmp_path, postgres_dsn)


async def _story(tmp_path: Path, database: str | None) -> None:
    settings = await stores.made(tmp_path / "data", database)
    if database is not None:
        with (tmp_path / "data" / "router.toml").open("a") as file:
            file.write(f'database = "{database}"\n')
    chance = random.Random(11)  # noqa: S311 - moments that repeat
    acknowledged = 3
    done = asyncio.Event()

    async def load() -> None:
        nonlocal acknowledged
        async with build(settings) as router:
            while not done.is_set():
                lines = [
                    report(f"http://load-{acknowledged + n}.test/", f"L-{acknowledged + n}").model_dump_json().encode()
                    for n in range(5)
                ]
                answers = await take_batch(router.ctx, lines, ANALYSTS)
                assert {one.status for one in answers} == {202}
                acknowledged += 5
                await asyncio.sleep(0.02)

    loading = asyncio.create_task(load())
    whole = await _length(tmp_path, "first")
    cut = 0
    for n in count():
        if n >= KILLS and cut:
            break
        begun = asyncio.get_running_loop().time()
        process = stores.verb("backup", str(tmp_path / "b"), "--keys", str(tmp_path / f"k{n}"), *_of(tmp_path))
        await asyncio.sleep(chance.uniform(0.2, 0.9) * whole)
        process.kill()
        await stores.ended(process)
        if not (tmp_path / "b").exists():
            cut += 1
            with pytest.raises(BadInput):
                await put_back(tmp_path / "b", tmp_path / f"k{n}", tmp_path / "never", None)
            continue
        (tmp_path / "b").rename(tmp_path / f"whole-{n}")  # it ended before the kill came: the machine is quicker now
        whole = min(whole, asyncio.get_running_loop().time() - begun)
        await _judge(tmp_path / f"whole-{n}", tmp_path / f"k{n}", 0)
    before = acknowledged
    code, _, err = await stores.ended(
        stores.verb("backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k"), *_of(tmp_path))
    )
    assert (code, err) == (0, "")
    done.set()
    await loading
    await _judge(tmp_path / "b", tmp_path / "k", before)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".b.")] == []


def _of(tmp_path: Path) -> tuple[str, str]:
    return "--data", str(tmp_path / "data")


async def _length(tmp_path: Path, name: str) -> float:
    """How long a whole one takes here and now, in seconds."""
    start = asyncio.get_running_loop().time()
    code, _, err = await stores.ended(stores.verb("backup", str(tmp_path / name), *_of(tmp_path)))
    assert code == 0, err
    return asyncio.get_running_loop().time() - start


async def _judge(backup: Path, keys: Path, least: int) -> None:
    """Put it back: everything that had been acknowledged is there, each with its key, and every count is true."""
    new = backup.with_name(f"new-{backup.name}")
    await put_back(backup, keys, new, None)
    from router.guard.master import load_master
    from router.guard.seal import Keyring

    store = await open_store(None, new, Keyring.open(load_master(new / "master.key")))
    found = {row["id"] for row in await store.rows(select(cases.c.id))}
    assert {row["case_id"] for row in await store.rows(select(case_keys.c.case_id))} == found
    assert await recounted(store.rows) == {}
    await store.close()
    assert len(found) >= least
    assert Settings.load(data_dir=new).database is None
