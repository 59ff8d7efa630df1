"""`sources list | add | change`: who reports to us, in which lane, and how much of it a partner gets in a day."""

from typing import Annotated, Any

import typer

from router.cli.client.api import open_client
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show, table, verb

_COLUMNS = {
    "source": "name",
    "kind": "kind",
    "assesses": "assesses",
    "lane": "lane",
    "rings": "rings",
    "cap": "cap",
    "today": "today",
}
_KINDS = "public|analyst|police|provider|crawler|peer"

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="Its name, as its reports say it.")]
Lane = Annotated[
    str | None,
    typer.Option(metavar="urgent|normal|bulk", help="The queue its reports wait in. [default: its kind's]"),
]
Cap = Annotated[
    int | None,
    typer.Option("--daily-cap", min=1, metavar="N", help="Referrals that one partner gets of it in a day (UTC)."),
]

MayRing = Annotated[
    bool | None,
    typer.Option(
        "--may-ring/--may-not-ring", help="Whether its reports wake somebody up. [default: people and police]"
    ),
]


@verb
def list_sources(data: Data = None, as_json: AsJson = False) -> int:
    """List sources, and what counted today against their daily caps."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("sources"))["items"]
        show({"items": found}, as_json=as_json, lines=table([_row(one) for one in found], _COLUMNS))
        return OK

    return finish(run())


@verb
def add_source(
    name: Source,
    kind: str = typer.Option(metavar=_KINDS, help="Who it is."),
    assesses: bool = typer.Option(False, "--assesses", help="What it says of the material counts."),
    lane: Lane = None,
    daily_cap: Cap = None,
    may_ring: MayRing = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Add a source of reports. `tokens create --source` then makes its token."""
    given: dict[str, Any] = {"name": name, "kind": kind, "assesses": assesses, "lane": lane, "daily_cap": daily_cap}
    given["may_ring"] = may_ring

    async def run() -> int:
        async with open_client(data) as client:
            _show(await client.post("sources", **given), as_json=as_json)
        return OK

    return finish(run())


@verb
def change_source(
    name: Source,
    kind: str | None = typer.Option(None, metavar=_KINDS, help="Who it is."),
    assesses: bool | None = typer.Option(
        None, "--assesses/--assesses-not", help="Whether what it says of the material counts."
    ),
    lane: Lane = None,
    daily_cap: Cap = None,
    may_ring: MayRing = None,
    uncapped: bool = typer.Option(False, "--uncapped", help="Take its daily cap away."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Change a source. A daily cap holds at once, the rest for reports that come from now on."""
    given: dict[str, Any] = {"kind": kind, "assesses": assesses, "lane": lane, "daily_cap": daily_cap}
    given["may_ring"] = may_ring

    async def run() -> int:
        async with open_client(data) as client:
            _show(await client.post("sources", name, **given, uncapped=uncapped or None), as_json=as_json)
        return OK

    return finish(run())


def _show(one: dict[str, Any], *, as_json: bool) -> None:
    show(one, as_json=as_json, lines=table([_row(one)], _COLUMNS))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """Return a source as one line of the table."""
    cap = "-" if one["daily_cap"] is None else f"{one['daily_cap']} a day"
    today = ", ".join(f"{sent} to {partner}" for partner, sent in sorted(one["sent_today"].items()))
    return one | {
        "assesses": "yes" if one["assesses"] else "no",
        "rings": "yes" if one["may_ring"] else "no",
        "cap": cap,
        "today": today,
    }
