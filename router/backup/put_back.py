"""Put a backup back into a new data directory. It calls nobody, and what it leaves is paused (`govern/paused`)."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from router.backup.check import CASE_KEYS, DATABASE, Opened, copied, opened, read_back
from router.backup.folder import written_whole
from router.backup.manifest import Manifest
from router.backup.take import SETTINGS_FILE
from router.casework.govern.paused import Paused
from router.clock import micros
from router.errors import BadInput
from router.guard.anchor import FILE as ANCHOR_FILE
from router.guard.identity import IDENTITY_FILE
from router.guard.master import MASTER_FILE
from router.settings import SECRETS, SEEN
from router.store.postgres import snapshot as postgres
from router.store.sqlite import snapshot as files


@dataclass(frozen=True, slots=True)
class PutBack:
    """What stands in the new directory."""

    manifest: Manifest
    paused: Paused


async def put_back(folder: Path, keys: Path | None, new: Path, database: str | None) -> PutBack:
    """Make a data directory of a backup; its store is a SQLite file, or the empty PostgreSQL database of an address.

    Raise BadInput, CannotStart with one sentence; nothing is left behind then.
    """
    with written_whole(new, "data") as filling:
        with opened(folder, keys) as backup:
            await read_back(backup.snapshot, backup.keyring)
            paused = Paused(backup.manifest.point, micros(datetime.now(UTC)))
            _settings(folder / SETTINGS_FILE, filling / SETTINGS_FILE, database)
            copied(folder / ANCHOR_FILE, filling / ANCHOR_FILE)
            for name in (MASTER_FILE, IDENTITY_FILE):
                copied(backup.keys / name, filling / name)
            if (backup.keys / SECRETS).is_dir():
                shutil.copytree(backup.keys / SECRETS, filling / SECRETS)
            (filling / SEEN).touch(mode=0o600)
            await _store(folder, backup, filling, database, paused)
        return PutBack(backup.manifest, paused)


async def _store(folder: Path, backup: Opened, filling: Path, database: str | None, paused: Paused) -> None:
    if database is not None:
        await postgres.put(backup.snapshot, database, paused.mark())
        return
    target = filling / DATABASE
    copied(folder / DATABASE, target)
    await asyncio.to_thread(files.join, target, backup.keys / CASE_KEYS)
    insert = "INSERT INTO meta (name, value) VALUES (?, ?)"
    await asyncio.to_thread(files.execute, target, insert, paused.mark())


def _settings(source: Path, target: Path, database: str | None) -> None:
    """Write the settings for the new place: the old database is another machine's."""
    import json

    text = source.read_text(encoding="utf-8") if source.exists() else ""
    if database is not None:
        if not database.startswith(("postgresql:", "postgres:")):
            raise BadInput("Give the address of an empty PostgreSQL database, or none for a file.", field="database")
        text = f"database = {json.dumps(database)}\n{text}"
    target.touch(mode=0o600)
    target.write_text(text, encoding="utf-8")
