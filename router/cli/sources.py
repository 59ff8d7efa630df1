"""`sources list | add | change`: who reports to us, in which lane, how much a partner gets of it, and what it hears."""

from typing import Annotated, Any

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, say, show, table, verb
from router.cli.proposals import lines_of, told, waiting

_COLUMNS = {
    "source": "name",
    "kind": "kind",
    "assesses": "assesses",
    "lane": "lane",
    "rings": "rings",
    "cap": "cap",
    "today": "today",
    "hears": "hears",
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


StatusUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where it hears of its reports, signed. In force once another person confirms."),
]
StatusSecret = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="The file in `secrets` that signs it; twice while one is replaced."),
]
StatusNetwork = Annotated[
    list[str] | None,
    typer.Option(metavar="CIDR", help="A private network that the address may be in, such as 10.20.0.0/16."),
]


@verb
def list_sources(data: Data = None, as_json: AsJson = False) -> int:
    """List sources, and what counted today against their daily caps."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("sources"))["items"]
            proposed = [one for one in await waiting(client) if one["subject"].startswith("source:")]
        lines = [*table([_row(one) for one in found], _COLUMNS), *lines_of(proposed)]
        show({"items": found}, as_json=as_json, lines=lines)
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


@by_person
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
    status_url: StatusUrl = None,
    status_secret: StatusSecret = None,
    status_network: StatusNetwork = None,
    no_status_url: bool = typer.Option(False, "--no-status-url", help="It hears nothing more, at once."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Change a source. A daily cap holds at once, a status address once another person confirms it."""
    given: dict[str, Any] = {"kind": kind, "assesses": assesses, "lane": lane, "daily_cap": daily_cap}
    given |= {"may_ring": may_ring, "uncapped": uncapped or None}
    hook = _hook(status_url, status_secret, status_network)
    only_the_hook = (hook is not None or no_status_url) and not any(one is not None for one in given.values())

    async def run() -> int:
        from router.errors import BadInput

        if hook is not None and no_status_url:
            raise BadInput("Give an address, or take it away; not both.", field="no-status-url")
        async with open_client(data) as client:
            if not only_the_hook:
                await client.post("sources", name, **given)
            done = None
            if hook is not None or no_status_url:
                done = await client.post("sources", name, "status", **({} if hook is None else {"hook": hook}))
            found = next(one for one in (await client.get("sources"))["items"] if one["name"] == name)
        _show(found, as_json=as_json)
        if hook is not None and done is not None and not as_json:
            for line in told(done, otherwise="Its status address is in force."):
                say(line)
        return OK

    return finish(run())


def _hook(url: str | None, secrets: list[str] | None, networks: list[str] | None) -> dict[str, Any] | None:
    """Return the status address as the API takes it. Raise BadInput for half of one."""
    from router.errors import BadInput

    if url is None:
        if secrets or networks:
            raise BadInput("Name the address that they are for.", field="status-url")
        return None
    if not secrets:
        text = "Name the secret that its words are signed with: a file in the folder `secrets` of the data directory."
        raise BadInput(text, field="status-secret")
    return {"url": url, "secrets": secrets, "networks": networks or []}


def _show(one: dict[str, Any], *, as_json: bool) -> None:
    show(one, as_json=as_json, lines=table([_row(one)], _COLUMNS))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """Return a source as one line of the table."""
    cap = "-" if one["daily_cap"] is None else f"{one['daily_cap']} a day"
    today = ", ".join(f"{sent} to {partner}" for partner, sent in sorted(one["sent_today"].items()))
    return one | {
        "hears": _heard(one.get("status")),
        "assesses": "yes" if one["assesses"] else "no",
        "rings": "yes" if one["may_ring"] else "no",
        "cap": cap,
        "today": today,
    }


def _heard(status: dict[str, Any] | None) -> str:
    """Return where a source hears of its reports, and what is wrong there."""
    if status is None:
        return ""
    wrong = [f"failing ({status['failing']}), {status['waiting']} wait"] if status["failing"] else []
    wrong += [f"{status['given_up']} never heard"] if status["given_up"] else []
    return "; ".join([status["url"], *wrong])
