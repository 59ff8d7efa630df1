"""`backup`, `restore`, `release`: a copy of the router while it runs, and the way back on another machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from router.cli.client.api import open_client, require_router
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data, Database
from router.cli.output import OK, complain, counted, finish, show, verb

if TYPE_CHECKING:
    from router.backup.manifest import Manifest

_BESIDE = (
    "The keys lie beside what they open (in {}): whoever gets this folder reads everything. Carry them to another"
    " place, or give --keys."
)
_NO_LEDGER = (
    "No ledger was given: what was erased comes back, and what was recalled or sent after the backup is not known."
    " Give the receiver's NAME.ledger with --ledger; else `release` asks for a reason."
)
_LEDGER = (
    "Ledger up to line {}: {} erased again, {} not sent any more because their partner has or may have"
    " them, or they were taken back, {} on the desk for that, {} left of cases that are younger than"
    " this backup: they are taken over by the cases that come of it when their sources send again."
)
_RELEASED = (
    "Released. Sources with a status address are told to send again what they sent since {}; tell every other one"
    " (`sources list` shows it beside each)."
)
_TRIAL = (
    "That it was put back stands in {}: in the receiver's folder, `doctor` of the router that works reads it there."
)
_PROPOSED = (
    "Proposed. A worker asks partners now what became of what left after the backup, and reads hubs' lists from then"
    " on; `doctor` says what came of it."
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backup.")]


@verb
def backup(
    folder: Folder,
    keys: Path | None = typer.Option(
        None, "--keys", metavar="DIR2", help="Where the keys go, apart from what they open. [default: DIR/keys]"
    ),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Copy the whole router, while it runs. The copy is of one moment, and is read back before it gets its name."""
    from router.backup.take import take
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    require_router(settings)
    taken = finish(take(settings, folder, keys))
    if taken.beside:
        complain(_BESIDE.format(taken.keys))
    said = {"backup": str(folder), "keys": str(taken.keys), **_told(taken.manifest)}
    show(said, as_json=as_json, lines=[f"{folder} was written and read back: {_line(taken.manifest)}"])
    return OK


@verb
def restore(
    folder: Folder,
    data: Path = typer.Option(..., "--data", metavar="NEW", help="The data directory that is made; not there yet."),
    keys: Path | None = typer.Option(
        None, "--keys", metavar="DIR2", help="Where the keys of this backup are. [default: DIR/keys]"
    ),
    ledger: Path | None = typer.Option(
        None, "--ledger", metavar="FILE", help="What the receiver of the audit kept: NAME.ledger."
    ),
    database: Database = None,
    as_json: AsJson = False,
) -> int:
    """Make a router of a backup, here or on another machine. It is paused, and calls nobody until `release`."""
    from router.backup.put_back import put_back

    done = finish(put_back(folder, keys, data, database, ledger))
    found = done.replayed
    if found is None:
        complain(_NO_LEDGER)
    told = (
        None
        if found is None
        else {
            "line": found.last,
            "erased": found.erased,
            "held": found.held,
            "asked": found.asked,
            "unknown": found.unknown,
        }
    )
    said = {"data": str(data), **_told(done.manifest), "paused": done.paused.text, "ledger": told}
    lines = [f"{data} was made of {folder}: {_line(done.manifest)}", done.paused.text]
    if done.trial is not None:
        lines.append(_TRIAL.format(done.trial))
    if found is not None:
        gone = counted(found.erased, "case"), counted(found.held, "referral")
        lines.append(
            _LEDGER.format(found.last, *gone, counted(found.asked, "case"), counted(found.unknown, "referral"))
        )
    show(said, as_json=as_json, lines=lines)
    return OK


@by_person
def release(
    reason: str | None = typer.Option(
        None, "--reason", metavar="TEXT", help="Why it is released although no ledger was given with the backup."
    ),
    seen: str | None = typer.Option(
        None, "--id", metavar="ID", help="The second person: what was proposed, as it was shown."
    ),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Let a router that was put back from a backup work again. One person proposes it, another confirms."""

    async def run() -> int:
        async with open_client(data) as client:
            if seen is not None:
                waited = await client.get("release")
                await client.post("proposals", "release", "confirm", id=seen)
                said = {"released": True, "send_again_since": waited["point"]}
                lines = [_RELEASED.format(waited["point"])]
            else:
                await client.post("release", reason=reason)
                (found,) = [one for one in (await client.get("proposals"))["items"] if one["subject"] == "release"]
                said = {"released": False, "id": found["id"]}
                lines = [_PROPOSED, f"Then another person ends it with: release --id {found['id']}"]
        show(said, as_json=as_json, lines=lines)
        return OK

    return finish(run())


def _told(manifest: "Manifest") -> dict[str, object]:
    from router.clock import moment

    return {
        "id": manifest.id,
        "point": moment(manifest.point).isoformat(),
        "product": manifest.product,
        "revision": manifest.revision,
        "engine": manifest.engine,
        "counts": manifest.counts,
    }


def _line(manifest: "Manifest") -> str:
    from router.clock import moment

    counts = ", ".join(f"{count} {name}" for name, count in manifest.counts.items())
    return f"all of before {moment(manifest.point):%Y-%m-%d %H:%M:%S} UTC (schema {manifest.revision}): {counts}."
