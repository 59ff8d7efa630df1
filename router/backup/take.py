"""Take a backup while the router works: a snapshot of one moment, its keys apart, read back before it gets its name."""

import asyncio
import re
import tomllib
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from router import __version__
from router.backup.check import CASE_KEYS, DATABASE, copied, read_back
from router.backup.folder import check_free, written_whole
from router.backup.manifest import DATA, KEYS, Manifest, digests
from router.clock import micros
from router.errors import BadInput, CannotStart
from router.guard import ledger
from router.guard.anchor import FILE as ANCHOR_FILE
from router.guard.identity import IDENTITY_FILE
from router.guard.master import MASTER_FILE, open_keyring
from router.guard.seal import Keyring
from router.settings import SECRETS, Settings
from router.store.connect import snapshot as snapshot_of
from router.store.ids import new_id
from router.store.schema.tables import audit
from router.store.sqlite import snapshot as files

SETTINGS_FILE: Final = "router.toml"
#: What is committed says when it was prepared, which may be so much earlier, in microseconds.
_ON_ITS_WAY: Final = 60_000_000
#: The address of a database may carry a password, and a restore goes elsewhere.
_DATABASE_LINE: Final = re.compile(r"^\s*database\s*=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that lies under its name, and was read back."""

    manifest: Manifest
    keys: Path
    beside: bool  #: the keys lie in the same folder as what they open


async def take(settings: Settings, folder: Path, keys: Path | None) -> Taken:
    """Write a backup into a folder that is not there yet. Raise BadInput, CannotStart, StoreUnavailable."""
    if keys is not None:
        _check_apart(folder, keys)
        check_free(keys, "keys")
    keyring = _keyring(settings.data_dir / MASTER_FILE)
    with ExitStack() as stack:
        # The data get their name last: whoever finds them finds their keys.
        filling = stack.enter_context(written_whole(folder, "DIR"))
        apart = filling / KEYS if keys is None else stack.enter_context(written_whole(keys, "keys"))
        apart.mkdir(mode=0o700, exist_ok=True)
        manifest = await _fill(settings, keyring, filling, apart)
    if (kept := ledger.of(settings.audit_receiver, settings.name, keyring)) is not None:
        kept.keep([ledger.Line(manifest.point, ledger.Kind.BACKUP, manifest.id)])
    return Taken(manifest, keys or folder / KEYS, beside=keys is None)


async def _fill(settings: Settings, keyring: Keyring, filling: Path, apart: Path) -> Manifest:
    copied(settings.data_dir / ANCHOR_FILE, filling / ANCHOR_FILE)  # first, so that the database has what it says
    _settings_file(settings.data_dir / SETTINGS_FILE, filling / SETTINGS_FILE)
    started = micros(datetime.now(UTC))
    engine = await snapshot_of(settings.database, settings.data_dir, filling / DATABASE)
    await asyncio.to_thread(files.part, filling / DATABASE, apart / CASE_KEYS)
    for name in (MASTER_FILE, IDENTITY_FILE):
        copied(settings.data_dir / name, apart / name)
    _secrets(settings.data_dir / SECRETS, apart / SECRETS)
    async with AsyncExitStack() as stack:
        taken = files.Snapshot(filling / DATABASE, apart / CASE_KEYS)
        stack.callback(taken.close)
        counts, revision = await read_back(taken, keyring), taken.revision
        point = await _point(taken, started)
    backup_id = new_id()
    halves = [
        Manifest(backup_id, half, __version__, str(revision), engine, point, counts, digests(at))
        for half, at in ((KEYS, apart), (DATA, filling))
    ]
    for half, at in zip(halves, (apart, filling), strict=True):
        half.write(at, keyring)
    return halves[1]


async def _point(taken: files.Snapshot, started: int) -> int:
    """Return a moment before which all that was committed is in the copy, in microseconds.

    Nobody may have served the store for long: a copy that another tool kept, and that was put back from it, ends where
    its audit does. What was on its way then is of the minute before.
    """
    (newest,) = await taken.rows(select(func.max(audit.c.at).label("at")))
    return started if newest["at"] is None else min(started, int(newest["at"])) - _ON_ITS_WAY


def _check_apart(folder: Path, keys: Path) -> None:
    """Raise BadInput when one folder lies in the other: whoever carries one away carries both."""
    one, other = folder.absolute(), keys.absolute()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise BadInput("The keys must lie outside the backup; name another folder.", field="keys", reason="inside")


def _keyring(path: Path) -> Keyring:
    try:
        return open_keyring(path)
    except FileNotFoundError:
        raise CannotStart(f"There is no {path.name} in the data directory; put it back from its backup.") from None


def _settings_file(source: Path, target: Path) -> None:
    if source.exists():
        target.touch(mode=0o600)
        text = _DATABASE_LINE.sub("", source.read_text(encoding="utf-8"))
        if "database" in tomllib.loads(text):
            raise CannotStart(f"Write `database` in {source.name} as one line, so that it stays out of the backup.")
        target.write_text(text, encoding="utf-8")


def _secrets(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(mode=0o700)
        for path in sorted(source.iterdir()):
            if path.is_file():
                copied(path, target / path.name)
