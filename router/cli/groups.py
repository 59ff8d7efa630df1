"""Work on the desk beside single acts: `cases next | take | pass-on | find`, and `cases site | several`.

`cases site`: the open cases of one host, and one act on several of them, an answer for each. `cases several`: the same
with all that a filter of the desk finds, or with those that were listed before.

Without an act it lists; with one, but without `--count`, it says what would be done to how many; with both it does it
to those that were listed at that moment, each with the version that it had.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from router.cli.cases import COLUMNS as _FOUND
from router.cli.cases import show_page, told
from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, AtRisk, Country, Data, Number, Site, Source, Why
from router.cli.output import NO, OK, finish, show, table

_COLUMNS = {"case": "id", "numbers": "called", "state": "state", "location": "masked", "why": "reasons", "may": "acts"}
_ANSWERS = {"case": "case", "done": "done", "why not": "text"}
#: What an act on several wants to know.
SaidReason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with each case.")]
SaidOutcome = Annotated[str | None, typer.Option("--outcome", metavar="OUTCOME", help="Of close.")]
SaidFinding = Annotated[
    str | None, typer.Option("--finding", metavar="FINDING", help="Of look: gone, still_there or moved.")
]
SaidPartner = Annotated[str | None, typer.Option("--partner", metavar="PARTNER", help="Of refer: to whom,")]
SaidCountry = Annotated[str | None, typer.Option("--country", metavar="CC", help="or to which country's hotline.")]
SaidAssessment = Annotated[
    str | None,
    typer.Option("--assessment", metavar="ASSESSMENT", help="Of send and refer: what those are that nobody assessed."),
]


@by_person
def site(
    tag: str = typer.Argument(metavar="TAG", help="The site's tag, as the lists show it."),
    act: str | None = typer.Argument(None, metavar="[ACT]", help="not-illegal, close, look, send, refer or retrace."),
    count: int | None = typer.Option(None, metavar="N", min=1, help="How many cases you mean: else nothing is done."),
    reason: SaidReason = None,
    outcome: SaidOutcome = None,
    finding: SaidFinding = None,
    partner: SaidPartner = None,
    country: SaidCountry = None,
    assessment: SaidAssessment = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List the open cases of a site, or act on each. What it is offered on is done or refused one by one."""
    said = {"reason": reason, "outcome": outcome, "finding": finding, "partner": partner, "country": country}
    return finish(_site(tag, act, count, {**said, "assessment": assessment}, data, as_json=as_json))


async def _site(
    tag: str, act: str | None, count: int | None, said: dict[str, Any], data: Path | None, *, as_json: bool
) -> int:
    async with open_client(data) as client:
        found = await client.get("sites", tag)
        items = [one for one in found["items"] if act is None or act in one["acts"]]
        if act is None or count is None:
            _listed(found, items, act, as_json=as_json)
            return OK
        answer = await client.post("sites", tag, act=act, count=count, rows=_meant(items), **said)
    return _answered(answer, as_json=as_json)


def _meant(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a request: each case as it was listed."""
    return [{"case": one["case"]["id"], "version": one["case"]["version"]} for one in items]


def _answered(answer: dict[str, Any], *, as_json: bool) -> int:
    lines = table(answer["items"], _ANSWERS) if answer["items"] else []
    show(answer, as_json=as_json, lines=[*lines, f"{answer['done']} done, {answer['refused']} refused"])
    return NO if answer["refused"] else OK


def _listed(found: dict[str, Any], items: list[dict[str, Any]], act: str | None, *, as_json: bool) -> None:
    rows = [told(one["case"]) | {"acts": one["acts"]} for one in items]
    lines = table(rows, _COLUMNS) if rows else ["None."]
    if act is not None:
        left = len(found["items"]) - len(items)
        lines.append(f"`{act}` can be done to {len(items)}, and not to {left}; --count {len(items)} does it.")
    if found["more"]:
        lines.append("There are more; the next ones follow once these are done.")
    show({**found, "items": items}, as_json=as_json, lines=lines)


@by_person
def several(
    act: str | None = typer.Argument(None, metavar="[ACT]", help="not-illegal, close, look, send, refer or retrace."),
    count: int | None = typer.Option(None, metavar="N", min=1, help="How many cases you mean: else nothing is done."),
    listed: str | None = typer.Option(
        None, metavar="FILE|-", help="What an earlier --json listed: those are meant, each as it was then."
    ),
    why: str | None = typer.Option(None, metavar="CODE", help="Only what people have for this reason."),
    hosted: str | None = typer.Option(None, metavar="CC", help="Only what is hosted in this country."),
    referred_to: str | None = typer.Option(None, metavar="PARTNER", help="Only what was referred to it."),
    source: Source = None,
    tag: Site = None,
    number: Number = None,
    at_risk: AtRisk = False,
    due: str | None = typer.Option(None, metavar="WHEN", help="Only what is overdue, or due today."),
    waits: str | None = typer.Option(None, metavar="TIME", help="Only what has waited for 1h, 1d, 3d or 7d at least."),
    mine: bool = typer.Option(False, "--mine", help="Only what you have before you."),
    reason: SaidReason = None,
    outcome: SaidOutcome = None,
    finding: SaidFinding = None,
    partner: SaidPartner = None,
    country: SaidCountry = None,
    assessment: SaidAssessment = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List what a filter of the desk finds, or act on each. What was listed with --json can be done as it was then."""
    wanted = {"reason": why, "country": hosted, "partner": referred_to, "source": source, "site": tag, "due": due}
    wanted |= {"number": number, "waits": waits, "mine": "true" if mine else None}
    wanted |= {"at_risk": "true" if at_risk else None}
    said = {"reason": reason, "outcome": outcome, "finding": finding, "partner": partner, "country": country}
    said |= {"assessment": assessment}
    return finish(_several(act, count, listed, {k: v for k, v in wanted.items() if v}, said, data, as_json=as_json))


async def _several(
    act: str | None,
    count: int | None,
    listed: str | None,
    wanted: dict[str, str],
    said: dict[str, Any],
    data: Path | None,
    *,
    as_json: bool,
) -> int:
    from router.errors import BadInput

    if listed is not None and wanted:
        raise BadInput("What was listed is meant as it stands there: name no filter beside it.", field="listed")
    async with open_client(data) as client:
        found = await client.get("several", **wanted) if listed is None else _read(listed)
        items = [one for one in found["items"] if act is None or act in one["acts"]]
        if act is None or count is None:
            _listed(found, items, act, as_json=as_json)
            return OK
        answer = await client.post("several", act=act, count=count, rows=_meant(items), **said)
    return _answered(answer, as_json=as_json)


def _read(listed: str) -> dict[str, Any]:
    """Return what an earlier `--json` printed. Raise BadInput."""
    from router.errors import BadInput

    try:
        text = typer.get_text_stream("stdin").read() if listed == "-" else Path(listed).read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        _meant(found["items"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput("This is not what `cases several --json` printed.", field="listed") from None
    return found


@by_person
def take(
    case: str = typer.Argument(metavar="CASE"),
    over: bool = typer.Option(False, "--over", help="Take it from whoever has it."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Have an item of the desk before you for half an hour. Nobody else is given it."""
    return finish(_told(("cases", case, "take"), data, as_json=as_json, over=over))


@by_person
def pass_on(case: str = typer.Argument(metavar="CASE"), data: Data = None, as_json: AsJson = False) -> int:
    """Not me, not today: give an item back. You are given others until midnight."""
    return finish(_told(("cases", case, "pass-on"), data, as_json=as_json))


@by_person
def next_item(
    reason: Why = None,
    country: Country = None,
    source: Source = None,
    at_risk: AtRisk = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Have the next item of the desk that nobody has. It is yours for half an hour."""
    wanted = {"reason": reason, "country": country, "source": source, "at_risk": at_risk or None}
    return finish(_told(("cases", "next"), data, as_json=as_json, **wanted))


async def _told(path: tuple[str, ...], data: Path | None, *, as_json: bool, **given: Any) -> int:
    async with open_client(data) as client:
        answer = await client.post(*path, **given) or {"case": path[1]}
    show(answer, as_json=as_json, lines=[f"case {answer['case']}"])
    return OK


@by_person
def find(
    text: str = typer.Argument("-", metavar="[NUMBER|-]", help="A number or a case; - reads it from standard input."),
    limit: int = typer.Option(50, min=1, metavar="N", help="How many at most, newest first."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Find cases by what you know. A number, an id, a partner, a country; by standard input location, host, domain."""
    return finish(_find(text, limit, data, as_json=as_json))


async def _find(text: str, limit: int, data: Path | None, *, as_json: bool) -> int:
    from router.casework.read.numbers import names_location
    from router.errors import BadInput

    if text == "-":
        text = typer.get_text_stream("stdin").readline().strip()
    elif names_location(text):
        raise BadInput("A location stays in the history of the shell: write `-`, and type it after that.", field="text")
    async with open_client(data) as client:
        found = await client.post("cases", "search", text=text, limit=min(limit, 500))
    return show_page(found, _FOUND, told, as_json=as_json, above=(_read_as(found),))


def _read_as(found: dict[str, Any]) -> str:
    """Return as what a text was read, and what it names besides."""
    said = [" ".join(filter(None, (one["meaning"], one["value"]))) for one in (found["read_as"], *found["also"])]
    return f"Read as {said[0]}." + "".join(f" It also names {one}: see `cases list`." for one in said[1:])
