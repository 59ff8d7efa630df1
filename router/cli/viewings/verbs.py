"""`sessions export | open | import | list | show | close | lost`: viewing sessions."""

from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.cases import pages, show_page
from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Country, Cursor, Data, Source, Why
from router.cli.output import NO, OK, counted, finish, show, table

_COLUMNS: Final = {"session": "name", "by": "by", "until": "until", "lines": "lines", "done": "done", "state": "state"}
_LINES: Final = {"line": "line", "dossier": "called", "case": "case", "done": "done"}
_ANSWERS: Final = {"row": "row", "dossier": "called", "done": "done", "why": "text"}
_LEFT_OUT: Final = {"left out": "called", "case": "case", "why": "text"}
Session = Annotated[str, typer.Argument(metavar="SESSION", help="Its name, as `sessions list` shows it.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="How many locations at most.")]
Cases = Annotated[list[str] | None, typer.Option("--case", metavar="CASE", help="These cases; may be given often.")]


@by_person
def export(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder for the encrypted file.")],
    reason: Why = None,
    country: Country = None,
    source: Source = None,
    case: Cases = None,
    limit: Limit = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Take a list of the desk to the closed room. Each location is revealed to you, logged, and yours for its time."""
    asked = {"reason": reason, "country": country, "source": source, "limit": limit, "cases": case or None}
    return finish(_begun(asked, to, data, as_json=as_json))


@by_person
def open_session(
    reason: Why = None,
    country: Country = None,
    source: Source = None,
    case: Cases = None,
    limit: Limit = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Take a list of the desk to look at on the console. Nothing is written to a file."""
    asked = {"reason": reason, "country": country, "source": source, "limit": limit, "cases": case or None}
    return finish(_begun(asked | {"on_screen": True}, None, data, as_json=as_json))


async def _begun(asked: dict[str, Any], to: Path | None, data: Path | None, *, as_json: bool) -> int:
    if to is not None:
        _check_folder(to)
    async with open_client(data) as client:
        made = await client.post("viewings", **asked)
    one, lines = made["session"], []
    if to is not None:
        made["file"] = str(_write(to / Path(made["file_name"]).name, b64decode(made["file"])))
        lines.append(f"{made['file']}  SHA-256 {one['digest']}")
    lines += [f"session {one['name']}: {counted(one['lines'], 'location')}, yours until {one['until']}"]
    lines += table([_called(left) for left in made["left_out"]], _LEFT_OUT) if made["left_out"] else []
    show(made, as_json=as_json, lines=lines)
    return OK


def _check_folder(folder: Path) -> None:
    """Raise BadInput for a folder that is none, before anything is taken."""
    from router.errors import BadInput

    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; name the one from which the file is carried.", field="to")


def _write(file: Path, content: bytes) -> Path:
    """Write the file, readable by us alone. Raise BadInput, with what to do about the session that has begun."""
    from router.errors import BadInput

    try:
        file.touch(mode=0o600)
        file.write_bytes(content)
    except OSError as error:
        text = f"{file} cannot be written ({error.strerror}). The session has begun: `sessions close {file.name[:9]}`,"
        raise BadInput(f"{text} and export again to another folder.", field="to") from None
    return file


def _called(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"called": " ".join(one["dossiers"]), "text": one.get("text") or ""}


@by_person
def import_results(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The table as it came back: CSV in UTF-8.")],
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Do what a table says that came back, row by row. The same table twice does nothing twice."""

    async def run() -> int:
        text = _read(file)
        async with open_client(data) as client:
            answers = await client.post("viewings", "results", table=text)
        said = table([_called(one) for one in answers["items"]], _ANSWERS) if answers["items"] else []
        count = f"{answers['done']} done, {answers['refused']} refused, {answers['empty']} empty"
        show(answers, as_json=as_json, lines=[*said, count])
        return NO if answers["refused"] else OK

    return finish(run())


def _read(file: str) -> str:
    """Return the table. Raise BadInput for what cannot be read, or is written in another way than UTF-8."""
    from router.casework.desk.viewing.table import text_of
    from router.errors import BadInput

    try:
        content = typer.get_binary_stream("stdin").read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}).", field="file") from None
    return text_of(content)


@by_person
def list_sessions(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many at most.")] = 50,
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List the sessions, those that are open first."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await pages(client, ("viewings",), limit, cursor)
        return show_page(found, _COLUMNS, lambda one: one | {"state": _state(one)}, as_json=as_json)

    return finish(run())


def _state(one: dict[str, Any]) -> str:
    return str(one["ended_as"] or ("overdue" if one["overdue"] else "open"))


@by_person
def show_session(session: Session, data: Data = None, as_json: AsJson = False) -> int:
    """Show what is in a session, by dossier number."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("viewings", session)
        _shown(found, as_json=as_json)
        return OK

    return finish(run())


def _shown(found: dict[str, Any], *, as_json: bool) -> None:
    one = found["session"]
    about = f"session {one['name']} of {one['by']}: {_state(one)}, {one['done']} of {one['lines']} done"
    rows = [_called(line) for line in found["lines"]]
    show(found, as_json=as_json, lines=[about, *(table(rows, _LINES) if rows else [])])


@by_person
def close(session: Session, data: Data = None, as_json: AsJson = False) -> int:
    """Give back what has no result."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.post("viewings", session, "close")
        _shown(found, as_json=as_json)
        return OK

    return finish(run())


@by_person
def lost(
    session: Session,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What happened; kept with each case.")],
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that a session's file, or what was made of it, is lost. The house's alarm rings; what was in it is listed."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.post("viewings", session, "lost", reason=reason)
        _shown(found, as_json=as_json)
        return OK

    return finish(run())
