"""`notes add | list`: what staff write down of a case for each other."""

from typing import Annotated, Final

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show

_NOTED: Final = "case.noted"
Case = Annotated[str, typer.Argument(metavar="CASE")]


@by_person
def add(
    case: Case,
    note: str = typer.Argument("-", metavar="TEXT|-", help="The note; - reads it from standard input."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Keep a note of a case. It is sealed with it, and never leaves."""
    text = typer.get_text_stream("stdin").read().strip() if note == "-" else note

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("notes", case=case, note=text)
        show({"case": case}, as_json=as_json, lines=["Noted."])
        return OK

    return finish(run())


@by_person
def list_notes(case: Case, data: Data = None, as_json: AsJson = False) -> int:
    """Show the notes of a case, oldest first."""

    async def run() -> int:
        async with open_client(data) as client:
            file = await client.get("cases", case)
        found = [one for one in file["timeline"] if one["act"] == _NOTED]
        lines = [f"{one['at']}  {one['actor']}  {one.get('typed') or ''}" for one in found]
        show({"items": found}, as_json=as_json, lines=lines or ["None."])
        return OK

    return finish(run())
