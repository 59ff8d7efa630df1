"""`embargo add | list | show | end | confirm | withdraw`: what must not leave or be looked up until a date.

What it names and why need not stand on a command line, which other users and the shell's history see: `-` reads a line.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show, table
from router.cli.proposals import Seen, settle

_COLUMNS: Final = {
    "embargo": "id",
    "kind": "kind",
    "ask": "ask",
    "since": "since",
    "until": "until",
    "cases": "cases",
    "ends, once confirmed": "proposed",
}
_LEFT: Final = "{state}  {partner}  referral {referral} of case {case}"
_TOO_LATE: Final = "It came too late for these; recall what you can, and tell whoever asked:"
_MORE: Final = "Older referrals were not looked through; search the cases for what else may have left."
Embargo = Annotated[str, typer.Argument(metavar="ID", help="The embargo, as `embargo list` shows it.")]


@by_person
def add(
    kind: str = typer.Argument(metavar="url|host|account", help="What is named; a host stands for all below it."),
    what: str = typer.Argument(metavar="WHAT|-", help="The location, the host or the handle; - reads a line."),
    until: datetime = typer.Option(..., metavar="YYYY-MM-DD[THH:MM:SS]", help="When it ends (UTC)."),
    asked_by: str = typer.Option(..., metavar="TEXT", help="Who asked for it."),
    reason: str = typer.Option(..., metavar="TEXT|-", help="Why, for those who may read it; - reads a line."),
    reference: str | None = typer.Option(None, metavar="TEXT", help="Their reference."),
    ask: str | None = typer.Option(None, metavar="ACCOUNT", help="Whom analysts are to ask; else you."),
    reader: list[str] = typer.Option([], metavar="ACCOUNT", help="Who may read it too; any number of times."),
    platform: str | None = typer.Option(None, metavar="TEXT", help="Of an account: the platform, as in the reports."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Hold everything about a URL, a host or an account. It is in force at once."""
    lines = typer.get_text_stream("stdin")
    given = {
        "kind": kind,
        "what": lines.readline().strip() if what == "-" else what,
        "reason": lines.readline().strip() if reason == "-" else reason,
        "until": f"{until.isoformat()}Z",
        "asked_by": asked_by,
        "reference": reference,
        "ask": ask,
        "readers": reader or None,
        "platform": platform,
    }
    return finish(_add(given, data, as_json=as_json))


async def _add(given: Mapping[str, Any], data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        said = await client.post("embargoes", **given)
    one, left = said["embargo"], said["left"]
    lines = [f"Embargo {one['id']} is in force until {one['until']}; analysts are told to ask {one['ask']}."]
    lines += [_TOO_LATE, *(_LEFT.format(**each) for each in left)] if left else []
    lines += [_MORE] if said["more"] else []
    show(said, as_json=as_json, lines=lines)
    return OK


@by_person
def list_embargoes(
    ended: bool = typer.Option(False, "--ended", help="Those that are over too."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List what is in force: whom to ask, and until when. What each one names is not shown."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("embargoes", ended=str(ended).lower())
        rows = found["items"]
        show(found, as_json=as_json, lines=table(rows, _COLUMNS) if rows else ["None."])
        return OK

    return finish(run())


@by_person
def show_embargo(embargo: Embargo, data: Data = None, as_json: AsJson = False) -> int:
    """Show one in full, to the few that it names. It is logged."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("embargoes", embargo)
        show(found, as_json=as_json, lines=[f"{name}: {value}" for name, value in found.items() if value is not None])
        return OK

    return finish(run())


@by_person
def end(
    embargo: Embargo,
    at: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="The other end (UTC); else now."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Give it another end. A later one is in force at once; an earlier one waits for a second person."""

    async def run() -> int:
        async with open_client(data) as client:
            said = await client.post("embargoes", embargo, "end", until=None if at is None else f"{at.isoformat()}Z")
        one = said["embargo"]
        waits = f"It ends at {one['proposed']} once another person confirms it: embargo confirm {embargo}"
        show(said, as_json=as_json, lines=[waits if said["proposed"] else f"It is in force until {one['until']}."])
        return OK

    return finish(run())


@by_person
def confirm(embargo: Embargo, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Confirm the end that another person proposed."""
    return settle(f"embargo:{embargo}", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw(embargo: Embargo, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take back the end that is proposed. One is enough."""
    return settle(f"embargo:{embargo}", "withdraw", data, as_json=as_json, id=seen)
