"""`tokens`, `stats`: what operators do."""

from typing import Any

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show, table, verb

_TOKENS = {
    "token": "id",
    "name": "name",
    "account": "account",
    "source": "source",
    "scopes": "scopes",
    "expires": "expires_at",
    "used": "used_at",
    "revoked": "revoked_at",
}


@by_person
def create_token(
    name: str = typer.Argument(help="What it is for, such as `intake form`."),
    source: str | None = typer.Option(None, metavar="SOURCE", help="For an intake system: the source it reports as."),
    account: str | None = typer.Option(None, metavar="ACCOUNT", help="Or, on this machine, for a person's account."),
    mine: bool = typer.Option(False, "--mine", help="Or for yourself, who shows a token that you have."),
    scope: list[str] = typer.Option(
        [], metavar="PERMISSION", help="One permission; repeat it. Without, all the source or role may hold."
    ),
    days: int | None = typer.Option(None, metavar="N", help="How long it lives. [default: 365]"),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Make an API token; it is shown once."""
    given = {"name": name, "scopes": scope, "days": days}
    where = ("tokens", "mine") if mine else ("tokens",)
    bearer = {} if mine else {"source": source, "account": account}

    async def run() -> int:
        async with open_client(data, in_person=mine) as client:
            made = await client.post(*where, **given, **bearer)
        view = made["view"]
        lines = [made["token"], f"Keep it now; it is not shown again. Revoke it with: tokens revoke {view['id']}"]
        show(made, as_json=as_json, lines=lines)
        return OK

    return finish(run())


@verb
def list_tokens(data: Data = None, as_json: AsJson = False) -> int:
    """List API tokens without their secrets."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("tokens"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _TOKENS) if found else ["None."])
        return OK

    return finish(run())


@verb
def revoke_token(token: str = typer.Argument(metavar="TOKEN_ID"), data: Data = None, as_json: AsJson = False) -> int:
    """Make an API token useless from now on."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.delete("tokens", token)
        show({"revoked": token}, as_json=as_json, lines=["Revoked."])
        return OK

    return finish(run())


@verb
def stats(data: Data = None, as_json: AsJson = False) -> int:
    """Print the figures of this moment."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("stats")
        show(found, as_json=as_json, lines=_figures(found))
        return OK

    return finish(run())


def _figures(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{what}: " + (", ".join(f"{count} {name}" for name, count in sorted(found[what].items())) or "none")
        for what in ("cases", "desk", "referrals")
    ]
    if found["clock_doubted"]:
        lines.insert(0, found["clock_doubted"])
    if looked := found["second_looks"]:
        lines.append(f"second looks at what was not illegal: {looked}, differing: {found['second_looks_differ']}")
    lines.append(f"at risk now: {found['at_risk']}; due today: {found['due_today']}, overdue: {found['overdue']}")
    lines.append(f"without receipt: {found['without_receipt']}; oldest on the desk: {found['oldest_on_desk'] or '-'}")
    lines.append(f"went to the wrong country: {found['misrouted']}; sent back: {found['bounced']}")
    if missed := found["not_checked"]:
        lines.append(f"checks that nobody had the time for: {missed}")
    if due := found["requests_due"]:
        lines.append(f"requests of people about themselves due: {due}, overdue: {found['requests_overdue']}")
    lines.append(f"partners down: {', '.join(found['partners_down']) or 'none'}")
    wrong = ", ".join(f"{count} {group}" for group, count in found["wrong_of_1000"].items())
    lines.append(f"countries are taken without a person from {found['sure_from']:.2f} on; wrong of 1,000: {wrong}")
    return lines
