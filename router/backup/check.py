"""Open a backup and say in one sentence why it cannot be used: what is not read back is no backup."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, func, select

from router.backup.manifest import DATA, KEYS, Manifest
from router.casework.case.sealed import CASE, ITEM, PAYLOAD, PROGRESS, TRACE
from router.casework.case.typed_reason import FIELD as HOUSE_REASON
from router.casework.deliver.stops import FIELD as STOP_REASON
from router.casework.govern.pause import FIELD as PAUSE_REASON
from router.casework.govern.proposals import REASON as GLASS_REASON
from router.errors import BadInput, CannotStart, Damaged
from router.guard.master import MASTER_FILE, open_keyring
from router.guard.seal import Keyring
from router.store.checkpoint import verify_audit
from router.store.migrate import SCRIPTS, newest
from router.store.schema.audit import house_reasons
from router.store.schema.partners import partner_pauses
from router.store.schema.tables import (
    audit,
    cases,
    items,
    meta,
    proposals,
    referrals,
    reports,
    stops,
    traces,
)
from router.store.sqlite.snapshot import Snapshot

DATABASE: Final = "router.db"
CASE_KEYS: Final = "case_keys.db"
#: What is sealed under a case's key: the column, whose case it is, and the field that binds it.
_OF_CASES: Final[tuple[tuple[Column[Any], Column[Any], str], ...]] = (
    (cases.c.sealed, cases.c.id, CASE),
    (items.c.sealed, items.c.case_id, ITEM),
    (traces.c.sealed, traces.c.case_id, TRACE),
    (referrals.c.payload, referrals.c.case_id, PAYLOAD),
    (referrals.c.progress, referrals.c.case_id, PROGRESS),
)
#: What is sealed under the master key itself: the column, the row's name in the seal, and the field.
_OF_RECORDS: Final[tuple[tuple[Column[Any], Column[Any], str], ...]] = (
    (stops.c.sealed, stops.c.scope, STOP_REASON),
    (house_reasons.c.sealed, house_reasons.c.id, HOUSE_REASON),
    (partner_pauses.c.sealed, partner_pauses.c.partner, PAUSE_REASON),
    (proposals.c.sealed, proposals.c.id, GLASS_REASON),
)
#: Rows looked at for one whose case was not erased.
_TRIED: Final = 50
_COUNTED: Final = (reports, cases, referrals, audit)
_FOREIGN: Final = "The keys do not open this backup's {}; name the keys that belong to it with --keys."


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was read back."""

    manifest: Manifest
    keyring: Keyring
    snapshot: Snapshot
    keys: Path


@contextmanager
def opened(folder: Path, keys: Path | None) -> Iterator[Opened]:
    """Open a backup whose files are what was written. Raise BadInput, CannotStart with one sentence each."""
    apart = keys if keys is not None else folder / KEYS
    manifest, mac = Manifest.read(folder, DATA)
    half, keys_mac = Manifest.read(apart, KEYS)
    manifest.check_files(folder)
    half.check_files(apart)
    keyring = open_keyring(apart / MASTER_FILE)
    manifest.check(mac, keyring)
    half.check(keys_mac, keyring)
    if half.id != manifest.id:
        text = "These keys belong to another backup of this router; name its own with --keys."
        raise BadInput(text, field="keys", reason="other_keys")
    check_revision(manifest)
    snapshot = Snapshot(folder / DATABASE, apart / CASE_KEYS)
    try:
        yield Opened(manifest, keyring, snapshot, apart)
    finally:
        snapshot.close()


def check_revision(manifest: Manifest) -> None:
    """Raise CannotStart when this program has another schema than the one that made the backup."""
    if manifest.revision == newest():
        return
    known = {one.revision for one in SCRIPTS.walk_revisions()}
    if manifest.revision in known:
        text = (
            f"This backup was made by version {manifest.product} (schema {manifest.revision}); this program is newer"
            f" ({newest()}): restore it with that version, then run `migrate` with this one."
        )
        raise CannotStart(text, reason="older")
    text = (
        f"This backup was made by version {manifest.product} (schema {manifest.revision}), which is newer than this"
        f" program ({newest()}): install that version and restore it again."
    )
    raise CannotStart(text, reason="newer")


async def read_back(snapshot: Snapshot, keyring: Keyring) -> dict[str, int]:
    """Read all of a snapshot; return how much is in it. Raise BadInput with one sentence."""
    snapshot.check()
    if snapshot.revision != newest():
        raise BadInput("The database in this backup has another schema than its manifest says.", reason="damaged")
    known = await snapshot.rows(select(meta.c.value).where(meta.c.name == "master_check"))
    if not known or not keyring.accepts(known[0]["value"]):
        raise BadInput(_FOREIGN.format("database"), field="keys", reason="other_key")
    verifier, findings = await verify_audit(snapshot.rows, keyring)
    if findings:
        raise BadInput(f"The audit in this backup is not whole: {findings[0].text}.", reason="damaged")
    for column, case, field in _OF_CASES:
        await _open_one(snapshot, keyring, column, case, field)
    for column, name, field in _OF_RECORDS:
        await _open_record(snapshot, keyring, column, name, field)
    counts = {
        str(table.name): int((await snapshot.rows(select(func.count().label("n")).select_from(table)))[0]["n"])
        for table in _COUNTED
    }
    return {**counts, "checkpoints": verifier.checkpoints}


async def _open_one(snapshot: Snapshot, keyring: Keyring, column: Column[Any], case: Column[Any], field: str) -> None:
    """Open the newest row of a kind whose case still has its key."""
    row_id = column.table.c.id
    found = select(row_id.label("id"), case.label("case_id"), column.label("sealed"))
    for row in await snapshot.rows(found.where(column.is_not(None)).order_by(row_id.desc()).limit(_TRIED)):
        wrapped = snapshot.key_of(row["case_id"])
        if wrapped is None:
            continue  # it was erased
        try:
            keyring.unwrap(row["case_id"], wrapped).open(f"{field}:{row['id']}", row["sealed"])
        except (Damaged, TypeError):
            raise BadInput(_FOREIGN.format(f"sealed {field}"), field="keys", reason="other_key") from None
        return


async def _open_record(
    snapshot: Snapshot, keyring: Keyring, column: Column[Any], name: Column[Any], field: str
) -> None:
    found = select(name.label("name"), column.label("sealed")).where(column.is_not(None)).limit(1)
    for row in await snapshot.rows(found):
        try:
            keyring.open_record(field, row["name"], row["sealed"])
        except (Damaged, TypeError):
            raise BadInput(_FOREIGN.format(field), field="keys", reason="other_key") from None


def copied(source: Path, target: Path) -> bool:
    """Copy a file for its owner alone; tell whether there was one. Raise CannotStart."""
    try:
        shutil.copyfile(source, target)
        target.chmod(0o600)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CannotStart(f"The file {source.name} cannot be copied ({error.strerror}).") from None
    return True
