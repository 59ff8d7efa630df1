"""`keys rotate | compromised`, at the machine where the key files are; `keys revoked`, for what a peer says of its own.

What is replaced here opens and signs; what people have to revoke elsewhere is listed.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from router.cli.client.api import open_client, require_router
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, complain, counted, finish, show, verb

if TYPE_CHECKING:
    from router.partners.keys import Signer
    from router.settings import Settings

#: For so long a master key that may be in other hands still opens what it wrapped: for processes to follow.
_COMPROMISED: Final = timedelta(minutes=1)
_AGAIN: Final = (
    "New keys are in force. Start `serve` and `worker` again now; until a peer has pinned the new key it takes nothing"
    " from us."
)
_GIVE: Final = (
    "Give {} to every peer's staff: `keys revoked FILE` there. {} and give them this by telephone or in person."
)
_REVOKED: Final = (
    "Nothing that {} signed with {} since {:%Y-%m-%d %H:%M} UTC is taken any more. Look at what came from there since"
    " (`cases list --source {}`), and pin their new key when their staff have given it by telephone or in person."
)
_PREPARED: Final = (
    "A master key to come stands in {} now. Copy that file to every machine of this router, then run `keys rotate`"
    " without --prepare, and copy it once more."
)
_REINDEXED: Final = (
    "{} indexed anew, and the key of the indexes before is gone. Take a backup now: none of"
    " before can be put back with the ledger. Other machines of this router need {} copied before they start."
)
_NEW: Final = "A new master key is in force"
_RESUMED: Final = "A rotation that was cut was gone on with"
_DONE: Final = (
    "{}: {} wrapped anew. The one before opens what it wrapped until {:%Y-%m-%d %H:%M} UTC; then a worker"
    " takes it out of {}, and no older copy of a wrapped key is usable. Take a backup now, and delete key files of"
    " older ones by that day."
)


@verb
def rotate(
    prepare: bool = typer.Option(
        False, "--prepare", help="Only write the key to come, where several machines have a key file of their own."
    ),
    indexes: bool = typer.Option(
        False,
        "--indexes",
        help="Replace the key of the indexes and of the ledger's seal instead, while no process runs.",
    ),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Put a new master key in force while the router works. Run it again when it was cut."""
    from router.app import build
    from router.casework.govern.rotate import rotate as run
    from router.clock import moment
    from router.guard.master import MASTER_FILE, changing, write
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    require_router(settings)
    path = settings.data_dir / MASTER_FILE

    async def rotated() -> dict[str, Any]:
        async with build(settings, upgrade=False) as router:
            done = await run(router.ctx, path, _so_many)
        return {"new": done.is_new, "rows": done.rows, "until": moment(done.until)}

    if indexes:
        return _reindex(settings, path, as_json=as_json)
    if prepare:
        with changing(path) as keys:
            write(path, keys.prepared())
        show({"prepared": str(path)}, as_json=as_json, lines=[_PREPARED.format(path)])
        return OK
    said = finish(rotated())
    what = _NEW if said["new"] else _RESUMED
    lines = [_DONE.format(what, counted(said["rows"], "key was", "keys were"), said["until"], path)]
    show({**said, "until": said["until"].isoformat()}, as_json=as_json, lines=lines)
    return OK


def _reindex(settings: "Settings", path: Path, *, as_json: bool) -> int:
    """Make every blind index anew. Raise CannotStart where a process works here."""
    from router.app import build
    from router.casework.intake.reindex import reindex
    from router.errors import CannotStart
    from router.serving.held_open import nobody_serves

    if not nobody_serves(settings.data_dir):
        raise CannotStart("Stop `serve` and every `worker` first: all is indexed anew while nobody works.")

    async def run() -> int:
        async with build(settings, upgrade=False, reindexing=True) as router:
            return await reindex(router.ctx, path, _so_many)

    done = finish(run())
    show(
        {"reindexed": done},
        as_json=as_json,
        lines=[_REINDEXED.format(counted(done, "case or embargo was", "cases and embargoes were"), path)],
    )
    return OK


def _so_many(done: int) -> None:
    """Show on a terminal how far it is."""
    if done and sys.stderr.isatty():
        complain(f"{done} so far")


@verb
def compromised(
    since: datetime = typer.Option(
        ...,
        "--since",
        metavar="DATE[THH:MM]",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        help="Since when they may be in other hands, UTC.",
    ),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Replace our keys, and say what to revoke and to tell peers."""
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    require_router(settings)
    said = finish(_compromised(settings, since.replace(tzinfo=UTC)))
    lines = [_AGAIN, said["peers"], *(f"{one['what']} {one['name']}: {one['how']}" for one in said["revoke"])]
    show(said, as_json=as_json, lines=lines)
    return OK


async def _compromised(settings: "Settings", since: datetime) -> dict[str, Any]:
    from dataclasses import asdict

    from router.app import build, own_key
    from router.casework.govern.compromised import note, to_revoke
    from router.casework.govern.rotate import rotate as run
    from router.cli.serve import pinning
    from router.guard.identity import IDENTITY_FILE, load_or_create_identity, replace_identity
    from router.guard.master import MASTER_FILE
    from router.settings import SECRETS

    folder = settings.data_dir
    async with build(settings, upgrade=False) as router:
        at = router.ctx.clock.now()
        statement = _statement(folder, settings.name, router.signer, (since, at))
        identity = folder / IDENTITY_FILE
        replace_identity(identity, load_or_create_identity(identity))
        await run(router.ctx, folder / MASTER_FILE, _so_many, former=_COMPROMISED)
        await note(router.ctx, since)
        names = [path.name for path in (folder / SECRETS).glob("*")]
        found = await to_revoke(router.ctx, names, str(settings.tls_certificate) if settings.tls_certificate else None)
    key = own_key(settings)
    return {
        "statement": str(statement),
        "identity": {"id": key.key_id, "public": key.public},
        "peers": _GIVE.format(statement, pinning(key)),
        "revoke": [asdict(one) for one in found],
    }


def _statement(folder: Path, name: str, key: "Signer", when: tuple[datetime, datetime]) -> Path:
    """Write what the key that is replaced says of itself, before it is replaced; return where."""
    from router.guard.revocation import signed
    from schemas.revoked import KeyRevoked

    since, at = when
    said = KeyRevoked(router=name, key=key.key_id, public=key.public, since=since, at=at)
    path = folder / f"{key.key_id}.revoked.json"
    path.write_text(signed(said, key.private), encoding="utf-8")
    return path


@by_person
def revoked(
    file: Path = typer.Argument(metavar="FILE", help="What the peer's staff gave: NAME.revoked.json."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Take nothing that a peer signed with a key it gave up."""
    from router.cli.policy import read_text
    from router.guard.revocation import read

    said = read(read_text(str(file)))

    async def run() -> int:
        async with open_client(data) as client:
            partner = _pinning(said.key, said.public, (await client.get("partners"))["partners"])
            for key in partner["config"]["keys"]:
                if key["id"] == said.key:
                    key["not_after"] = said.since.isoformat()
            await client.put("partners", partner["name"], **partner)
        told = _REVOKED.format(said.router, said.key, said.since, partner["name"])
        show(
            {"partner": partner["name"], "key": said.key, "since": said.since.isoformat()},
            as_json=as_json,
            lines=[told],
        )
        return OK

    return finish(run())


def _pinning(key: str, public: str, partners: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the partner that this key is pinned for. Raise BadInput: whoever made the file has not their key."""
    from router.errors import BadInput

    for partner in partners:
        if any((one["id"], one["public"]) == (key, public) for one in partner["config"].get("keys", ())):
            return partner
    raise BadInput("No partner's pinned key is the one that this revokes; nothing was changed.", field="FILE")
