"""`reminders list | take`: what partners are reminded of, once for each of their working days."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show


@by_person
def list_reminders(data: Data = None, as_json: AsJson = False) -> int:
    """Show what partners are to be reminded of."""
    return finish(_list(data, as_json=as_json))


@by_person
def take_reminder(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="As `reminders list` names it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Take today's digest of a partner, to hand it over."""
    return finish(_take(partner, data, as_json=as_json))


async def _list(data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = (await client.get("reminders"))["items"]
    lines = [line for one in found for line in _lines(one)]
    show({"items": found}, as_json=as_json, lines=lines or ["None."])
    return OK


async def _take(partner: str, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        taken = await client.post("reminders", partner)
    show(taken, as_json=as_json, lines=taken["text"].splitlines())
    return OK


def _lines(one: dict[str, Any]) -> Iterator[str]:
    count = len(one["items"])
    if one["taken_at"] is None:
        what = "to ask about" if one["police"] else "still there"
        yield f"{one['partner']}: {count} {what}, from {one['from_day']} on: reminders take {one['partner']}"
        return
    yield f"{one['partner']}: {count} taken at {one['taken_at']} by {one['taken_by']}:"
    yield from (f"    {line}" for line in one["text"].splitlines())
