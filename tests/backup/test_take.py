"""A backup of a router at work, on both engines: whole, of one moment, and nothing of it in the clear."""

import stat
from contextlib import suppress
from pathlib import Path

import pytest

from router.backup.manifest import FILE
from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.govern.paused import paused
from router.errors import BadInput, CannotStart
from router.guard.master import open_keyring
from router.settings import Settings
from router.store.connect import open_store
from router.store.recount import recounted
from router.store.schema.tables import case_keys, cases, metadata, tallies
from tests.backup.stores import CANARY, made, take_reports


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_dsn"))


@pytest.fixture
async def settings(tmp_path: Path, database: str | None) -> Settings:
    return await made(tmp_path / "data", database)


async def everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but those that the engine sums up by itself, and the audit of opening it."""
    keyring = open_keyring(settings.data_dir / "master.key")
    store = await open_store(settings.database, settings.data_dir, keyring)
    try:
        assert await recounted(store.rows) == {}
        return {
            table.name: sorted(tuple(row.values()) for row in await store.rows(table.select()))
            for table in metadata.sorted_tables
            if table is not tallies
        }
    finally:
        await store.close()


def check_same(before: dict[str, list[tuple[object, ...]]], after: dict[str, list[tuple[object, ...]]]) -> None:
    """All is as it was, but that it was put back is marked, and said in an epoch of the audit of its own."""
    added = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert {name: len(rows) for name, rows in added.items() if rows} == {
        "meta": 1,
        "epochs": 1,
        "audit": 1,
        "checkpoints": 1,
    }
    assert {name: [row for row in rows if row not in added[name]] for name, rows in after.items()} == before


async def test_what_is_put_back_is_what_there_was(tmp_path: Path, settings: Settings) -> None:
    before = await everything(settings)
    await take(settings, tmp_path / "backup", tmp_path / "keys")
    await take_reports(settings, 100, 2)
    done = await put_back(tmp_path / "backup", tmp_path / "keys", tmp_path / "new", None)
    after = await everything(Settings.load(data_dir=tmp_path / "new"))
    marks = [row for row in after["meta"] if row not in before["meta"]]
    assert [name for name, _ in marks] == ["paused"]
    check_same(before, after)
    assert done.manifest.counts["cases"] == len(before["cases"]) == 3
    assert (tmp_path / "new" / "secrets" / "police").read_text() == "whisper"


@pytest.mark.postgres
async def test_a_file_is_put_back_into_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    settings = await made(tmp_path / "data", None)
    before = await everything(settings)
    await take(settings, tmp_path / "backup", None)
    await put_back(tmp_path / "backup", None, tmp_path / "new", postgres_dsn)
    after = await everything(Settings.load(data_dir=tmp_path / "new"))
    check_same(before, after)
    with pytest.raises(CannotStart, match="not empty"):
        await put_back(tmp_path / "backup", None, tmp_path / "other", postgres_dsn)
    assert not (tmp_path / "other").exists()


async def test_nothing_is_in_the_clear_and_the_keys_are_apart(tmp_path: Path, settings: Settings) -> None:
    taken = await take(settings, tmp_path / "backup", tmp_path / "keys")
    data = {path.name: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    assert set(data) == {FILE, "router.db", "router.toml", "audit.anchor"}
    for secret in (CANARY.encode(), b"whisper", (tmp_path / "data" / "master.key").read_bytes().strip()):
        assert [name for name, content in data.items() if secret in content] == []
    keyring = open_keyring(tmp_path / "keys" / "master.key")
    store = await open_store(settings.database, settings.data_dir, keyring)
    wrapped = [row["wrapped"] for row in await store.rows(case_keys.select())]
    await store.close()
    assert wrapped
    assert [one for one in wrapped if one in data["router.db"]] == []
    assert not taken.beside
    for path in (tmp_path / "backup", tmp_path / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.rglob("*") if file.is_file()} == {0o600}


async def test_a_router_that_was_put_back_does_nothing_by_itself(tmp_path: Path, settings: Settings) -> None:
    from router.app import build

    await take(settings, tmp_path / "backup", None)
    await put_back(tmp_path / "backup", None, tmp_path / "new", None)
    async with build(Settings.load(data_dir=tmp_path / "new")) as router:
        assert await paused(router.store) is not None
        assert await router.worker().turn() == 0
        assert {row["state"] for row in await router.store.rows(cases.select())} == {"received"}
    async with build(settings) as router:
        assert await router.worker().turn() > 0, "the old one would have worked on them"


async def test_the_old_database_is_not_named_in_the_new_place(tmp_path: Path) -> None:
    settings = await made(tmp_path / "data", None)
    with (tmp_path / "data" / "router.toml").open("a") as file:
        file.write('database = "postgresql://router:hush@db/router"\n')
    await take(settings, tmp_path / "backup", None)
    assert b"hush" not in b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    await put_back(tmp_path / "backup", None, tmp_path / "new", None)
    assert Settings.load(data_dir=tmp_path / "new").database is None


async def test_an_address_that_is_written_oddly_is_refused_and_not_copied(tmp_path: Path) -> None:
    settings = await made(tmp_path / "data", None, reports=1)
    (tmp_path / "data" / "router.toml").write_text('"database" = "postgresql://router:hush@db/router"\n')
    with pytest.raises(CannotStart, match="one line"):
        await take(settings, tmp_path / "backup", None)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


async def test_a_place_that_is_taken_or_inside_the_other_is_refused(tmp_path: Path) -> None:
    settings = await made(tmp_path / "data", None, reports=1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for folder, keys in (("full", None), ("backup", "full"), ("backup", "backup/inside"), ("k/inside", "k")):
        with pytest.raises(BadInput) as refused:
            await take(settings, tmp_path / folder, None if keys is None else tmp_path / keys)
        assert refused.value.reason in {"not_empty", "inside"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "full"]
    await take(settings, tmp_path / "backup", None)
    with pytest.raises(BadInput, match="not empty"):
        await put_back(tmp_path / "backup", None, tmp_path / "full", None)
    with suppress(FileNotFoundError):
        assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]
