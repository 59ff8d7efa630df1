"""`keys rotate`: a new master key while the router works. At the machine alone, where the key file is."""

import sys
from typing import Any, Final

import typer

from router.cli.client.api import require_router
from router.cli.options import AsJson, Data
from router.cli.output import OK, complain, finish, show, verb

_PREPARED: Final = (
    "A master key to come stands in {} now. Copy that file to every machine of this router, then run `keys rotate`"
    " without --prepare, and copy it once more."
)
_NEW: Final = "A new master key is in force"
_RESUMED: Final = "A rotation that was cut was gone on with"
_DONE: Final = (
    "{}: {} keys were wrapped anew. The one before opens what it wrapped until {:%Y-%m-%d %H:%M} UTC; then a worker"
    " takes it out of {}, and no older copy of a wrapped key is usable. Take a backup now, and delete key files of"
    " older ones by that day."
)


@verb
def rotate(
    prepare: bool = typer.Option(
        False, "--prepare", help="Only write the key to come, where several machines have a key file of their own."
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

    if prepare:
        with changing(path) as keys:
            write(path, keys.prepared())
        show({"prepared": str(path)}, as_json=as_json, lines=[_PREPARED.format(path)])
        return OK
    said = finish(rotated())
    what = _NEW if said["new"] else _RESUMED
    lines = [_DONE.format(what, said["rows"], said["until"], path)]
    show({**said, "until": said["until"].isoformat()}, as_json=as_json, lines=lines)
    return OK


def _so_many(done: int) -> None:
    """Show on a terminal how far it is."""
    if done and sys.stderr.isatty():
        complain(f"{done} wrapped anew")
