"""`trails ask | list | confirm | withdraw | take`: the trail of a case for a magistrate, an act of two persons."""

from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from router.cli.cases import pages, show_page
from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Cursor, Data
from router.cli.output import OK, finish, show
from router.cli.proposals import Seen, settle

_COLUMNS: Final = {
    "trail": "id",
    "case": "case",
    "order": "order",
    "court": "court",
    "by": "by",
    "confirmed by": "agreed_by",
    "made": "made_at",
}
_WAITS: Final = (
    "Trail {id} is asked for; another person looks at it (`trails list`) and confirms it: trails confirm {id}"
)
_KEY: Final = "The SHA-256 of our public key, to be read aloud to whoever checks a signature: {key}"
Trail = Annotated[str, typer.Argument(metavar="ID", help="The trail, as `trails list` shows it.")]


@by_person
def ask(
    case: Annotated[str, typer.Argument(metavar="CASE")],
    order: str = typer.Option(..., metavar="TEXT|-", help="The order's own reference; - reads a line."),
    court: str = typer.Option(..., metavar="TEXT", help="Who ordered it."),
    language: str = typer.Option(..., metavar="nl|fr|de|en", help="The language of the court."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Ask for the trail of a case, by a magistrate's order. It is made once another person confirms."""
    said = typer.get_text_stream("stdin").readline().strip() if order == "-" else order

    async def run() -> int:
        async with open_client(data) as client:
            asked = await client.post("trails", case=case, order=said, court=court, language=language)
        show(asked, as_json=as_json, lines=[_WAITS.format(id=asked["id"])])
        return OK

    return finish(run())


@by_person
def list_trails(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many at most, newest first.")] = 50,
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List what was asked for, by whose order, and what was made of it."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await pages(client, ("trails",), limit, cursor)
        key = [_KEY.format(key=found["key"])] if found.get("key") else []
        return show_page(found, _COLUMNS, dict.fromkeys(_COLUMNS.values(), "").__or__, as_json=as_json, above=key)

    return finish(run())


@by_person
def confirm(trail: Trail, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Confirm what another person asked for."""
    return settle(f"trail:{trail}", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw(trail: Trail, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back what is asked for. One is enough."""
    return settle(f"trail:{trail}", "withdraw", data, as_json=as_json, id=seen)


@by_person
def take(
    trail: Trail,
    to: Path = typer.Option(..., "--to", metavar="DIR", help="An empty folder for its files, or one to be made."),
    names: bool = typer.Option(False, "--names", help="With the names of staff, where the order asks for them."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Write the signed files of a trail, to be carried to the court. It is logged."""

    async def run() -> int:
        check_empty(to)
        async with open_client(data) as client:
            papers = await client.post("trails", trail, "papers", names=names)
        written = write_files(to, ((one["name"], one["content"]) for one in papers["files"]))
        show({"folder": str(to), "files": written}, as_json=as_json, lines=[f"{to}: {', '.join(written)}"])
        return OK

    return finish(run())


def check_empty(folder: Path) -> None:
    """Raise BadInput for a folder that has something in it, before anything is taken."""
    from router.errors import BadInput

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is no empty folder; name another one.", field="to")


def write_files(folder: Path, files: Iterable[tuple[str, str]]) -> list[str]:
    """Write files given in base64, readable by us alone, into an empty folder; return their names. Raise BadInput."""
    from router.errors import BadInput

    check_empty(folder)
    written = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in files:
            file = folder / Path(name).name
            file.touch(mode=0o600)
            file.write_bytes(b64decode(content))
            written.append(name)
    except OSError as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror}); name another.", field="to") from None
    return written
