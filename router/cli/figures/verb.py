"""`figures`: what a hotline owes as figures, over a period, for whoever asks; and what was published of it."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typer

from router.cli.cases import pages, show_page
from router.cli.client.api import ApiClient, open_client
from router.cli.options import AsJson, Cursor, Data
from router.cli.output import OK, WRONG_USE, complain, finish, printable, show, verb

_DAY: Final = ["%Y-%m-%d"]
_EDITIONS: Final = {
    "edition": "id",
    "for": "audience",
    "days": "days",
    "number": "number",
    "made": "made_at",
    "by": "by",
    "SHA-256": "digest",
}
_FOR: Final = "inhope|platform|dsa|public|internal"


@verb
def figures(
    first: datetime | None = typer.Option(None, "--from", formats=_DAY, metavar="YYYY-MM-DD", help="The first day."),
    last: datetime | None = typer.Option(
        None, "--to", formats=_DAY, metavar="YYYY-MM-DD", help="The last day, counted in."
    ),
    audience: str = typer.Option("internal", "--for", metavar=_FOR, help="Who asks; each gets what is owed to it."),
    against: int | None = typer.Option(None, metavar="YEAR", help="Beside these days of that year. [the year before]"),
    definitions: str = typer.Option("v1", metavar="VERSION", help="The version of what the words mean."),
    as_csv: bool = typer.Option(False, "--csv", help="Print CSV."),
    publish: bool = typer.Option(False, "--publish", help="Freeze it as an edition; nobody can take it back."),
    reason: str | None = typer.Option(None, metavar="TEXT", help="With --publish, why there is another edition."),
    editions: bool = typer.Option(False, "--editions", help="List what was published instead, the newest first."),
    limit: int = typer.Option(50, min=1, metavar="N", help="With --editions, how many at most."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Count what was received and what became of it, by days. A period without anything in it is an answer too."""
    if editions:
        return finish(_list(limit, cursor, data, as_json=as_json))
    if first is None or last is None:
        complain("Give the days to count with --from and --to, or --editions to list what was published.")
        return WRONG_USE
    days = (first.date().isoformat(), last.date().isoformat())

    async def run() -> int:
        async with open_client(data) as client:
            if publish:
                made = await _publish(client, audience, days, against, reason)
                show(made, as_json=as_json, lines=[_published(made)])
                return OK
            query = {"from": days[0], "to": days[1], "for": audience, "against": against, "definitions": definitions}
            found = await client.get("figures", **query)
        if as_csv:
            sys.stdout.write(_csv(found))
        else:
            show(found, as_json=as_json, lines=_lines(found))
        return OK

    return finish(run())


async def _list(limit: int, cursor: str | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await pages(client, ("figures", "editions"), limit, cursor)
    return show_page(found, _EDITIONS, _told, as_json=as_json)


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"days": f"{one['period']['first']}/{one['period']['last']}"}


async def _publish(
    client: ApiClient, audience: str, days: tuple[str, str], against: int | None, reason: str | None
) -> dict[str, Any]:
    given = {"audience": audience, "first": days[0], "last": days[1], "against": against, "reason": reason}
    made: dict[str, Any] = await client.post("figures", "editions", **given)
    return made


def _published(made: dict[str, Any]) -> str:
    return f"Edition {made['number']}, {made['id']}; SHA-256 {made['digest']}, as in the audit chain."


def _csv(found: dict[str, Any]) -> str:
    from router.figures.written import as_csv
    from schemas.published import Figures

    rows = as_csv(Figures.model_validate_json(json.dumps(found))).split("\r\n")
    return "\r\n".join(map(printable, rows))


def _lines(found: dict[str, Any]) -> list[str]:
    period, beside = found["period"], found["against"]
    lines = [
        f"{period['first']} to {period['last']}, beside {beside['first']} to {beside['last']}",
        f"definitions {found['definitions']}; live since {found['live_since'] or '-'}",
    ]
    if found["answer"]:
        lines.append(found["answer"])
    for one in found["figures"]:
        value, before = one["hidden"] or one["value"], one["hidden_before"] or one["before"]
        change = "" if one["percent"] is None else f" ({one['percent']:+d} %)"
        lines.append(f"{one['measure']} {one['dimension']} {one['key']}: {value}, before {before}{change}")
    return lines
