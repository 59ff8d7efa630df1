"""`policy draft | drafts | confirm-draft | withdraw-draft`: a rule made of what a person decided of one case."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, counted, finish, show, verb
from router.cli.proposals import Seen, lines_of, settle, waiting

#: For whom a rule may be drafted (`schemas.draft.Scope`, which is not read here: `--help` must be quick).
_SCOPES: Final = "host|network|operator|source"
Case = Annotated[str, typer.Argument(metavar="CASE", help="The case that it was drafted from.")]


@by_person
def policy_draft(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case that somebody sent elsewhere.")],
    scope: Annotated[
        str,
        typer.Option("--always-for", metavar=_SCOPES, help="For which cases: all that share this with it."),
    ],
    partner: Annotated[
        str | None, typer.Option("--partner", metavar="PARTNER", help="To whom; else whom the last override chose.")
    ] = None,
    propose: bool = typer.Option(False, "--propose", help="Only a proposal, which people confirm one by one."),
    limit: int = typer.Option(1000, min=1, max=10_000, metavar="N", help="Of how many decisions the effect is told."),
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the whole policy here, to be published.")
    ] = None,
    hand_in: bool = typer.Option(False, "--hand-in", help="Hand it to a supervisor, who publishes it."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Draft a rule from an override. It has its test, and tells what it would have changed."""
    mode = "propose" if propose else "automatic"
    given = {"case": case, "scope": scope, "partner": partner, "mode": mode, "limit": limit}
    return finish(_draft(given, output, data, hand_in=hand_in, as_json=as_json))


@verb
def policy_drafts(data: Data = None, as_json: AsJson = False) -> int:
    """List the drafts that were handed in. A supervisor publishes them, or takes them back."""
    found = finish(_waiting(data))
    show({"items": found}, as_json=as_json, lines=lines_of(found) or ["No draft waits."])
    return OK


@by_person
def confirm_draft(case: Case, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Publish a draft that was handed in. Its tests are run; what widens waits for another person."""
    return settle(f"rule:{case}", "confirm", data, as_json=as_json, id=seen)


@by_person
def withdraw_draft(case: Case, seen: Seen = None, data: Data = None, as_json: AsJson = False) -> int:
    """Take a draft back: one's own, or any for those who publish."""
    return finish(_withdraw(case, seen, data, as_json=as_json))


async def _waiting(data: Path | None) -> list[dict[str, Any]]:
    async with open_client(data) as client:
        return [one for one in await waiting(client) if one["subject"].startswith("rule:")]


async def _withdraw(case: str, seen: str | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        await client.post("policy", "drafts", case, "withdraw", id=seen)
    show({"case": case, "withdrawn": True}, as_json=as_json, lines=["Withdrawn."])
    return OK


async def _draft(given: dict[str, Any], output: Path | None, data: Path | None, *, hand_in: bool, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await client.post("policy", "drafts" if hand_in else "draft", **given)
    if output is not None:
        await asyncio.to_thread(output.write_text, found["text"], encoding="utf-8")
    show(found, as_json=as_json, lines=_lines(found, output, handed_in=hand_in))
    return OK


def _lines(found: dict[str, Any], output: Path | None, *, handed_in: bool) -> Iterator[str]:
    where = f"before {found['before']}" if found["before"] else "last"
    yield f"{found['name']} would stand {where} in version {found['over']}:"
    yield from ("", *found["route"].splitlines(), "", *found["test"].splitlines(), "")
    kinds = ", ".join(f"{kind} {count}" for kind, count in found["kinds"].items()) or "none"
    yield f"Of the last {counted(found['limit'], 'decision')} it would have changed: {kinds}."
    yield from (f"  {one['case']} [{one['kind']}]: {_two(one)}" for one in found["changed"])
    if found["widens"]:
        yield f"Another person has to confirm it: {'; '.join(found['widens'])}."
    if handed_in:
        yield f"It waits for a supervisor: `policy confirm-draft {found['case']}`."
        return
    where = str(output) if output else "FILE (write it with --output)"
    yield f"Nothing is in force by this: `policy publish {where}`."


def _two(one: dict[str, Any]) -> str:
    return f"{', '.join(one['before'])} -> {', '.join(one['after'])}"
