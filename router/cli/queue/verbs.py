"""`cases views | keep | forget`: the lists of the desk that a person, or the house, keeps by name."""

from typing import Annotated, Any

import typer

from router.cli.client.api import ApiClient, open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, AtRisk, Country, Data, Site, Source, ToPartner, Why
from router.cli.output import OK, finish, show, table

Name = Annotated[str, typer.Argument(metavar="NAME", help="How the list is called; no location in it.")]
Shared = Annotated[bool, typer.Option("--shared", help="The house's, which a supervisor keeps for all.")]
_COLUMNS = {"name": "name", "whose": "whose", "now": "now", "narrowed to": "narrowed"}


@by_person
def list_views(data: Data = None, as_json: AsJson = False) -> int:
    """Show the lists that are kept, each with how many it has now."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await client.get("desk", "views")
        lines = table([_row(one) for one in found["items"]], _COLUMNS) if found["items"] else ["None."]
        show(found, as_json=as_json, lines=lines)
        return OK

    return finish(run())


@by_person
def keep(
    name: Name,
    reason: Why = None,
    source: Source = None,
    country: Country = None,
    partner: ToPartner = None,
    site: Site = None,
    at_risk: AtRisk = False,
    due: str | None = typer.Option(None, metavar="WHEN", help="Only what is overdue, or due today."),
    mine: bool = typer.Option(False, "--mine", help="Only what you have before you (with your token)."),
    waits: str | None = typer.Option(None, metavar="TIME", help="Only what has waited for 1h, 1d, 3d or 7d at least."),
    order: str | None = typer.Option(None, metavar="ORDER", help="By risk (then age), due or age."),
    shared: Shared = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Keep a list of the desk by name. The same name again replaces it."""
    wanted: dict[str, str | bool | None] = {
        "reason": reason,
        "source": source,
        "country": country,
        "partner": partner,
        "site": site,
        "due": due,
    }
    wanted |= {"waits": waits, "order": order, "at_risk": at_risk or None, "mine": mine or None}
    given = {key: value for key, value in wanted.items() if value is not None}

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("desk", "views", name=name, shared=shared, wanted=given)
        show({"name": name}, as_json=as_json, lines=["Kept."])
        return OK

    return finish(run())


@by_person
def forget(name: Name, shared: Shared = False, data: Data = None, as_json: AsJson = False) -> int:
    """Forget a list."""

    async def run() -> int:
        async with open_client(data) as client:
            found = await view_called(client, name, shared=shared)
            await client.post("desk", "views", "forget", slot=found["slot"], shared=shared)
        show({"name": name}, as_json=as_json, lines=["Forgotten."])
        return OK

    return finish(run())


async def view_called(client: ApiClient, name: str, *, shared: bool | None = None) -> dict[str, Any]:
    """Return a list by its name; of two that are alike one's own. Raise NotFound."""
    from router.errors import NotFound

    for one in (await client.get("desk", "views"))["items"]:
        if one["name"] == name and shared in (None, one["shared"]):
            found: dict[str, Any] = one
            return found
    raise NotFound("No list is kept by this name; see `cases views`.")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    count, kept = one["count"], one["wanted"]
    told = {"name": one["name"], "whose": "for all" if one["shared"] else "yours"}
    now = f"{count['n']:,} or more" if count["more"] else f"{count['n']:,}"
    narrowed = ", ".join(f"{key} {value}" for key, value in kept.items() if value not in (None, False))
    return told | {"now": now, "narrowed": narrowed}
