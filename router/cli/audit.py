"""`audit verify | export`: whether the record of who did what is whole, and a proof of it for somebody else to keep."""

import json
from pathlib import Path
from typing import Final

import typer

from router.cli.client.api import open_client
from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, counted, finish, say, show, verb

_LOST: Final = (
    "{} kept elsewhere of the time between a backup and its restore, which the audit tells of (`router.restored`):"
    " what was signed then was lost with the old machine."
)
#: Roots of a file that are compared: each covers all before it, so the newest are enough.
_ROOTS: Final = 100


@verb
def verify(
    anchor: Path | None = typer.Option(
        None, "--anchor", metavar="FILE", help="Roots kept elsewhere: what `audit export` or the receiver wrote."
    ),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Read the whole audit chain back. Exit 1 when something of it was changed, is missing, or was never signed."""

    async def run() -> int:
        kept = None if anchor is None else _last_lines(anchor)
        async with open_client(data) as client:
            asked = client.get("audit", "verify") if kept is None else client.post("audit", "verify", text=kept)
            found = await asked
        entries = counted(found["entries"], "entry", "entries")
        said = f"{entries}, {found['unsigned']} of them after the last signed checkpoint"
        lines = [*found["findings"], *([_LOST.format(counted(found["lost"], "root"))] if found["lost"] else [])]
        show(found, as_json=as_json, lines=[*lines, f"{said}: {'good' if found['ok'] else 'WRONG'}."])
        return OK if found["ok"] else NO

    return finish(run())


@verb
def export(
    file: str = typer.Argument("-", metavar="[FILE|-]", help="Where to write it; - is standard output."),
    data: Data = None,
    as_json: AsJson = False,  # noqa: ARG001 - as every verb has; a root is JSON anyway
) -> int:
    """Write the newest signed root of the audit chain. Keep it off this machine, for `audit verify --anchor`."""

    async def run() -> int:
        async with open_client(data) as client:
            root = json.dumps(await client.get("audit", "root"))
        if file == "-":
            say(root)
        else:
            _write(Path(file), f"{root}\n")
        return OK

    return finish(run())


def _last_lines(path: Path) -> str:
    from router.cli.policy import read_text

    return "\n".join(read_text(str(path)).splitlines()[-_ROOTS:])


def _write(path: Path, text: str) -> None:
    from router.errors import BadInput

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The file {path} cannot be written ({error.strerror}); name another.", field="FILE") from None
