"""`requests add | list | show | agree | search | extend | close`: what people ask of us about themselves, on a clock.

Who asked and about what need not stand on a command line, which other users and the shell's history see: `-` reads a
line of standard input, in the order in which the options stand here.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.cases import pages, show_page
from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Cursor, Data
from router.cli.output import OK, counted, finish, show, table

_COLUMNS: Final = {
    "request": "id",
    "kind": "kind",
    "state": "state",
    "received": "received_on",
    "answer by": "due_on",
    "overdue": "overdue",
    "outcome": "outcome",
}
_HITS: Final = {"case": "case", "terms": "terms", "state": "state", "erased": "erased", "heed": "marks"}
_NOTHING: Final = "Nothing is found by these terms. What is not indexed is not found: docs/data-protection.md."
_UNINDEXED: Final = "Not indexed by domain and account yet: {}; search again later."
_MORE: Final = "There are more; ask by narrower terms."
Request = Annotated[str, typer.Argument(metavar="ID", help="The request, as `requests list` shows it.")]


@by_person
def add(
    kind: str = typer.Argument(metavar="access|rectification|erasure|restriction|objection", help="What is asked for."),
    received_on: str = typer.Option(..., "--received", metavar="YYYY-MM-DD", help="The day it reached the house."),
    asked_by: str = typer.Option(..., metavar="TEXT|-", help="How you find the letter again; sealed."),
    url: list[str] = typer.Option([], metavar="URL|-", help="A location to look for; any number of times."),
    host: list[str] = typer.Option([], metavar="HOST|-", help="A host; any number of times."),
    account: list[str] = typer.Option([], metavar="PLATFORM=HANDLE|-", help="An account; any number of times."),
    reference: list[str] = typer.Option([], metavar="NUMBER|-", help="A report's number; any number of times."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Open a request. It is searched once a second person has agreed."""
    lines = typer.get_text_stream("stdin")

    def said(text: str) -> str:
        return lines.readline().strip() if text == "-" else text

    letter = said(asked_by)
    terms: list[dict[str, str]] = []
    for name, texts in (("url", url), ("host", host), ("account", account), ("reference", reference)):
        terms += [_term(name, said(text)) for text in texts]
    given = {"kind": kind, "received_on": received_on, "asked_by": letter, "terms": terms}
    return finish(_post(data, (), given, _ADDED, as_json=as_json))


def _term(kind: str, what: str) -> dict[str, str]:
    if kind != "account":
        return {"kind": kind, "what": what}
    platform, _, handle = what.partition("=")
    return {"kind": kind, "platform": platform, "what": handle}


_ADDED: Final = "Request {id} is to be answered by {due_on}. Have another person run: requests agree {id}"
_AGREED: Final = "The data protection officer may search it: requests search {id}"
_EXTENDED: Final = "It is to be answered by {due_on}. Tell whoever asked so, and why, by the day it was due before."
_CLOSED: Final = "It is closed."


async def _post(
    data: Path | None, words: tuple[str, ...], given: Mapping[str, Any], text: str, *, as_json: bool
) -> int:
    async with open_client(data) as client:
        said = await client.post("requests", *words, **given)
    show(said, as_json=as_json, lines=[text.format(**said)])
    return OK


@by_person
def list_requests(
    closed: bool = typer.Option(False, "--closed", help="Those that are closed too."),
    limit: int = typer.Option(50, min=1, metavar="N", help="How many at most, what is due first on top."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List what is asked, and by when each is to be answered. Who asked is not shown."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await pages(client, ("requests",), limit, cursor, closed=str(closed).lower())
        return show_page(found, _COLUMNS, dict, as_json=as_json)

    return finish(run())


@by_person
def show_request(request: Request, data: Data = None, as_json: AsJson = False) -> int:
    """Show one in full: who asked, and about what. It is logged."""

    def lines(found: Mapping[str, Any]) -> list[str]:
        plain = [f"{name}: {value}" for name, value in found.items() if value is not None and name != "terms"]
        terms = [
            f"{number}. {one['kind']}: {one['what']}" + (f" ({one['platform']})" if one["platform"] else "")
            for number, one in enumerate(found["terms"], start=1)
        ]
        return plain + terms

    return finish(_got(data, (request,), {}, lines, as_json=as_json))


async def _got(
    data: Path | None,
    words: tuple[str, ...],
    query: Mapping[str, str],
    lines: Callable[[Mapping[str, Any]], list[str]],
    *,
    as_json: bool,
) -> int:
    async with open_client(data) as client:
        found = await client.get("requests", *words, **query)
    show(found, as_json=as_json, lines=lines(found))
    return OK


@by_person
def agree(request: Request, data: Data = None, as_json: AsJson = False) -> int:
    """Agree, as a second person, that it is searched. Read it first: `requests show`."""
    return finish(_post(data, (request, "agree"), {}, _AGREED, as_json=as_json))


@by_person
def search(request: Request, data: Data = None, as_json: AsJson = False) -> int:
    """Show the officer alone what is kept of whoever asked. It is logged."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.post("requests", request, "search")
        lines = table(found["hits"], _HITS) if found["hits"] else [_NOTHING]
        lines += [_MORE] if found["more"] else []
        lines += [_UNINDEXED.format(counted(found["unindexed"], "older case"))] if found["unindexed"] else []
        show(found, as_json=as_json, lines=lines)
        return OK

    return finish(run())


@by_person
def extend(
    request: Request,
    reason: str = typer.Option(..., metavar="TEXT", help="Why two months more are needed; tell whoever asked."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Extend its time by two months, once, while the first one lasts."""
    return finish(_post(data, (request, "extend"), {"reason": reason}, _EXTENDED, as_json=as_json))


@by_person
def close(
    request: Request,
    outcome: str = typer.Argument(metavar="granted|partly|refused|not_concerned|withdrawn", help="How it ended."),
    reason: str = typer.Option(..., metavar="TEXT", help="Why, and how whoever asked was answered; sealed."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Close it, once people have answered whoever asked."""
    return finish(_post(data, (request, "close"), {"outcome": outcome, "reason": reason}, _CLOSED, as_json=as_json))
