"""`bundles list | receipt`: what police units were handed, and whose receipt is still to come."""

from pathlib import Path
from typing import Any

import typer

from router.cli.cases import pages
from router.cli.client.api import open_client
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show, table, verb
from schemas.reply_code import code_of

_COLUMNS = {"bundle": "code", "partner": "partner", "items": "items", "state": "state", "receipt": "receipt"}


@verb
def list_bundles(
    waiting: bool = typer.Option(False, "--waiting", help="Only those whose receipt is still to come."),
    limit: int = typer.Option(50, min=1, metavar="N", help="Of how many referrals at most, newest first."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List the bundles that police units were handed. A bundle is named by its reply code."""
    return finish(_list(waiting, limit, data, as_json=as_json))


async def _list(waiting: bool, limit: int, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await pages(client, "referrals", limit, bundled="true")
    bundles = [one for one in _bundles(found) if not waiting or one["receipt"] is None]
    show({"items": bundles}, as_json=as_json, lines=table(bundles, _COLUMNS) if bundles else ["None."])
    return OK


def _bundles(referrals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each bundle; one has its receipt when all its items have one."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in referrals:
        groups.setdefault(one["bundle"], []).append(one)
    return [
        {
            "code": code_of(bundle),
            "partner": group[0]["partner"],
            "items": len(group),
            "state": ", ".join(dict.fromkeys(one["state"] for one in group)),
            "receipt": ", ".join(dict.fromkeys(one["receipt"] for one in group))
            if all(one["receipt"] for one in group)
            else None,
            "referrals": [one["id"] for one in group],
        }
        for bundle, group in groups.items()
    ]
