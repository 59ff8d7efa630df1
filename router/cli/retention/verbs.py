"""`purge`, `holds list | add | end`, `clock show | confirm`: what time ends, what is kept beyond it, and its clock."""

import sys
from pathlib import Path
from typing import Any, Final

import typer

from router.cli.cases import pages, show_page
from router.cli.client.api import open_client
from router.cli.options import AsJson, Cursor, Data
from router.cli.output import NO, OK, WRONG_USE, complain, counted, finish, show, table, verb

_RECORDS: Final = {"at": "at", "by": "by", "erased": "kept", "cases": "cases"}
_HOLDS: Final = {"case": "case", "since": "since", "by": "by"}
_WHAT: Final = {"cases": "cases erased whole", "urls": "cases of which the location is erased", "handles": "of handles"}
_BESIDE: Final = (
    ("lost", "referral", "of cases that a restore lost"),
    ("requests", "request", "of people about themselves"),
    ("reasons", "reason", "typed with acts that are of no case"),
)
_WOULD: Final = {"cases": "to erase whole", "urls": "to erase the location of", "handles": "to erase the handles of"}


@verb
def purge(
    dry_run: bool = typer.Option(False, "--dry-run", help="Say how much it would be, and erase nothing."),
    records: bool = typer.Option(
        False, "--records", help="List what was erased until now, the newest first, and erase nothing."
    ),
    limit: int = typer.Option(50, min=1, metavar="N", help="With --records, how many at most."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Erase what the policy's periods are over for. Exits 1 where nothing may be erased."""
    if cursor is not None and not records:
        complain("--cursor goes on in the list of --records; nothing was erased.")
        return WRONG_USE
    if records:
        return finish(_list(limit, cursor, data, as_json=as_json))

    async def run() -> int:
        async with open_client(data) as client:
            said = await client.post("purge", dry_run=dry_run)
            while said["next"] is not None:
                if sys.stderr.isatty():
                    complain(f"{sum(said['erased'].values()):,} so far")
                said = _with(said, await client.post("purge", dry_run=dry_run, after=said["next"]))
        words = _WOULD if dry_run else _WHAT
        lines = [f"{said['erased'][kept]} {what}" for kept, what in words.items() if said["erased"].get(kept)]
        for kept, one, rest in _BESIDE:
            lines += [f"{counted(said[kept], one)} {rest}"] if said[kept] else []
        lines += [f"{count} kept: {why.replace('_', ' ')}" for why, count in said["held"].items()]
        lines += [said["stopped"]] if said["stopped"] else []
        show(said, as_json=as_json, lines=lines or ["Nothing is due."])
        return NO if said["stopped"] else OK

    return finish(run())


async def _list(limit: int, cursor: str | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await pages(client, ("purge",), limit, cursor)
    return show_page(found, _RECORDS, dict, as_json=as_json)


def _with(said: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return what two parts of a purge did together."""
    sums = {name: _sum(said[name], more[name]) for name in ("erased", "held")}
    return {**more, **sums, "lost": said["lost"] + more["lost"]}


def _sum(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


@verb
def list_holds(data: Data = None, as_json: AsJson = False) -> int:
    """List the cases that are kept beyond their time."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("holds")
        rows = found["items"]
        show(found, as_json=as_json, lines=table(rows, _HOLDS) if rows else ["None."])
        return OK

    return finish(run())


Case = typer.Argument(metavar="CASE", help="The case.")
Why = typer.Option(..., "--reason", metavar="TEXT", help="Why; kept with the case.")


@verb
def add_hold(case: str = Case, reason: str = Why, data: Data = None, as_json: AsJson = False) -> int:
    """Keep a case beyond its time: for a court, an auditor."""

    async def run() -> int:
        async with open_client(data) as client:
            said = await client.post("holds", case=case, reason=reason)
        show(said, as_json=as_json, lines=["It is kept until the hold ends."])
        return OK

    return finish(run())


@verb
def end_hold(case: str = Case, reason: str = Why, data: Data = None, as_json: AsJson = False) -> int:
    """End a hold: the case's period begins now."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("holds", case, "end", reason=reason)
        show({"ended": case}, as_json=as_json, lines=["Its period begins now."])
        return OK

    return finish(run())


@verb
def show_clock(data: Data = None, as_json: AsJson = False) -> int:
    """Say whether the clock here is believed. Exits 1 where no date ends anything."""

    async def run() -> int:
        async with open_client(data) as client:
            said = await client.get("partners", "clocks")
        lines = [f"{said['now']} UTC", said["doubt"] or "It is believed."]
        show(said, as_json=as_json, lines=lines)
        return NO if said["doubt"] else OK

    return finish(run())


@verb
def confirm_clock(
    reason: str = typer.Option(..., "--reason", metavar="TEXT", help="How you know; kept in the audit log."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that the clock is right although it is doubted."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("partners", "clocks", "confirm", reason=reason)
        show({"believed": True}, as_json=as_json, lines=["The clock is believed."])
        return OK

    return finish(run())
