"""`accounts mandate | mandates | end-mandate | left | tick-off | asking | agree | exposure`.

Until when somebody may see locations, what a leaver could know, and who asks to come in after a loss.
"""

from datetime import datetime
from typing import Annotated

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show, table

_MANDATES = {"account": "account", "until": "ends_at", "in force": "in_force", "given by": "given_by", "id": "id"}
_ASKING = {"account": "account", "since": "asked_at", "until": "ends_at", "id": "id"}
_EXPOSURE = {"account": "account", "day": "day", "reveals": "reveals", "looks": "looks", "past a pause": "past_pause"}
_LEFT = {"account": "account", "what": "code", "count": "count", "done": "done_at", "by": "done_by", "id": "id"}

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The person's name here, such as ann.")]
Until = Annotated[
    datetime, typer.Option("--until", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The last day, in our zone.")
]
MandateId = Annotated[str, typer.Argument(metavar="MANDATE", help="As `accounts mandates` names it.")]
LinkId = Annotated[str, typer.Argument(metavar="LINK", help="As `accounts asking` names it.")]
LineId = Annotated[str, typer.Argument(metavar="LINE", help="As `accounts left` names it.")]


@by_person
def give_mandate(name: Account, until: Until, data: Data = None, as_json: AsJson = False) -> int:
    """Let a person see locations until the end of a day."""

    async def run() -> int:
        async with open_client(data) as client:
            given = await client.post("accounts", name, "mandate", until=until.date().isoformat())
        show(given, as_json=as_json, lines=[f"{name} may see locations until {given['ends_at']}."])
        return OK

    return finish(run())


@by_person
def list_mandates(data: Data = None, as_json: AsJson = False) -> int:
    """List mandates, those that are over too."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("mandates"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _MANDATES) if found else ["None."])
        return OK

    return finish(run())


@by_person
def end_mandate(mandate: MandateId, data: Data = None, as_json: AsJson = False) -> int:
    """End a mandate now."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("mandates", mandate, "end")
        show({"ended": mandate}, as_json=as_json, lines=["It is over."])
        return OK

    return finish(run())


@by_person
def list_left(data: Data = None, as_json: AsJson = False) -> int:
    """List what those who left could know."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("farewells"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _LEFT) if found else ["None."])
        return OK

    return finish(run())


@by_person
def tick_off(line: LineId, data: Data = None, as_json: AsJson = False) -> int:
    """Say that one of them was seen to."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("farewells", line, "done")
        show({"done": line}, as_json=as_json, lines=["It is ticked off."])
        return OK

    return finish(run())


@by_person
def list_asking(data: Data = None, as_json: AsJson = False) -> int:
    """List who asks to come in by a link, and waits for a supervisor."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("links"))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _ASKING) if found else ["None."])
        return OK

    return finish(run())


@by_person
def agree(link: LinkId, data: Data = None, as_json: AsJson = False) -> int:
    """Say that it is the person themselves who asks to come in."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("links", link, "agree")
        show({"agreed": link}, as_json=as_json, lines=["They press the button of their link again."])
        return OK

    return finish(run())


@by_person
def list_exposure(
    mine: Annotated[bool, typer.Option("--mine", help="One's own only, which everybody may see.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List how often people looked, by day."""

    async def run() -> int:
        async with open_client(data) as client:
            found = (await client.get("exposure", *(("mine",) if mine else ())))["items"]
        show({"items": found}, as_json=as_json, lines=table(found, _EXPOSURE) if found else ["None."])
        return OK

    return finish(run())
