"""Put a backup back into a new data directory. It calls nobody, and what it leaves is paused (`govern/paused`)."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from router.backup.check import CASE_KEYS, DATABASE, Opened, copied, opened, read_back
from router.backup.folder import written_whole
from router.backup.manifest import Manifest
from router.backup.replay import Replayed, entries, replay
from router.backup.take import SETTINGS_FILE
from router.backup.trial import Trial, beside
from router.casework.govern.paused import Paused
from router.clock import micros
from router.errors import BadInput
from router.guard.anchor import FILE as ANCHOR_FILE
from router.guard.anchor import Anchors
from router.guard.identity import IDENTITY_FILE
from router.guard.ledger import Entry
from router.guard.master import MASTER_FILE
from router.settings import SECRETS, SEEN
from router.store.postgres import snapshot as postgres
from router.store.schema.audit import checkpoints
from router.store.sqlite import snapshot as files


@dataclass(frozen=True, slots=True)
class PutBack:
    """What stands in the new directory."""

    manifest: Manifest
    paused: Paused
    replayed: Replayed | None  #: None without a ledger
    trial: Path | None = None  #: where it was written down for `doctor`; None where it could not be


async def put_back(
    folder: Path, keys: Path | None, new: Path, database: str | None, ledger: Path | None = None
) -> PutBack:
    """Make a data directory of a backup; its store is a SQLite file, or the empty PostgreSQL database of an address.

    With a ledger, what it says was done after the backup's point is done here too. Raise BadInput, CannotStart with
    one sentence; nothing is left behind then.
    """
    with written_whole(new, "data") as filling, opened(folder, keys) as backup:
        await read_back(backup.snapshot, backup.keyring)
        point = backup.manifest.point
        told = [] if ledger is None else entries(ledger, backup.keyring, backup.manifest.id)
        _settings(folder / SETTINGS_FILE, filling / SETTINGS_FILE, database)
        if copied(folder / ANCHOR_FILE, filling / ANCHOR_FILE):
            signed = select(func.coalesce(func.max(checkpoints.c.number), 0).label("n"))
            Anchors(filling / ANCHOR_FILE, "").put_back((await backup.snapshot.rows(signed))[0]["n"])
        for name in (MASTER_FILE, IDENTITY_FILE):
            copied(backup.keys / name, filling / name)
        if (backup.keys / SECRETS).is_dir():
            shutil.copytree(backup.keys / SECRETS, filling / SECRETS)
        (filling / SEEN).touch(mode=0o600)
        now = micros(datetime.now(UTC))
        replayed = await _joined(folder, backup, filling, told, now)
        paused = Paused(point, now, None if replayed is None else replayed.last)
        await _store(filling, database, paused)
    kept = ledger is not None and Trial(backup.manifest.id, point, now).write(beside(ledger), backup.keyring)
    return PutBack(backup.manifest, paused, replayed, beside(ledger) if ledger is not None and kept else None)


async def _joined(folder: Path, backup: Opened, filling: Path, told: list[Entry], now: int) -> Replayed | None:
    """Put data and keys together, and do what the ledger says; None without one."""
    target = filling / DATABASE
    copied(folder / DATABASE, target)
    await asyncio.to_thread(files.join, target, backup.keys / CASE_KEYS)
    return await replay(filling, backup.keyring, told, backup.manifest.point, now)


async def _store(filling: Path, database: str | None, paused: Paused) -> None:
    target = filling / DATABASE
    if database is None:
        insert = "INSERT INTO meta (name, value) VALUES (?, ?)"
        await asyncio.to_thread(files.execute, target, insert, paused.mark())
        return
    whole = files.Snapshot(target, target)
    try:
        await postgres.put(whole, database, paused.mark())
    finally:
        whole.close()
    target.unlink()


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
