"""`policy draft`: a rule for all that is alike, made of what a person decided of one case."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, finish, show

#: For whom a rule may be drafted (`schemas.draft.Scope`, which is not read here: `--help` must be quick).
_SCOPES: Final = "host|network|operator|source"


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
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Draft a rule from an override. It has its test, and tells what it would have changed."""
    mode = "propose" if propose else "automatic"
    given = {"case": case, "scope": scope, "partner": partner, "mode": mode, "limit": limit}
    return finish(_draft(given, output, data, as_json=as_json))


async def _draft(given: dict[str, Any], output: Path | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await client.post("policy", "draft", **given)
    if output is not None:
        await asyncio.to_thread(output.write_text, found["text"], encoding="utf-8")
    show(found, as_json=as_json, lines=_lines(found, output))
    return OK


def _lines(found: dict[str, Any], output: Path | None) -> Iterator[str]:
    where = f"before {found['before']}" if found["before"] else "last"
    yield f"{found['name']} would stand {where} in version {found['over']}:"
    yield from ("", *found["route"].splitlines(), "", *found["test"].splitlines(), "")
    kinds = ", ".join(f"{kind} {count}" for kind, count in found["kinds"].items()) or "none"
    yield f"Of the last {found['limit']} decisions it would have changed: {kinds}."
    yield from (f"  {one['case']} [{one['kind']}]: {_two(one)}" for one in found["changed"])
    if found["widens"]:
        yield f"Another person has to confirm it: {'; '.join(found['widens'])}."
    where = str(output) if output else "FILE (write it with --output)"
    yield f"Nothing is in force by this: `policy publish {where}`."


def _two(one: dict[str, Any]) -> str:
    return f"{', '.join(one['before'])} -> {', '.join(one['after'])}"
