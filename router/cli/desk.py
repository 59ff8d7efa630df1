"""`cases desk`: what waits for people, why, and until when; and what people do to a case, a verb for each act.

`acknowledge |
assess | send | refer | ask | done | retrace | look | close | reopen |
undo`, and what people found out where the router could not:
`origin` behind a CDN, `target` of a short link. Each is one request to the API, with a reason, final and audited there.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from router.cli.cases import pages, show_page, told
from router.cli.client.api import ApiClient, open_client
from router.cli.client.person import by_person
from router.cli.options import (
    AsJson,
    AtRisk,
    Country,
    Cursor,
    Data,
    Number,
    Reason,
    Site,
    Source,
    ToPartner,
    Version,
    Why,
)
from router.cli.output import OK, finish, show
from router.cli.queue.verbs import view_called

_COLUMNS = {
    "case": "case",
    "numbers": "called",
    "urgency": "urgency",
    "since": "since",
    "due": "due",
    "location": "masked",
    "site": "of_site",
    "hosted": "country",
    "proposal": "proposal",
    "why": "reasons",
    "in words": "text",
}
Case = Annotated[str, typer.Argument(metavar="CASE")]
#: What the material is, in the words of the API; it alone knows them all.
Assessment = Annotated[
    str | None,
    typer.Option(
        "--assessment",
        metavar="ASSESSMENT",
        help="Say in the same step what it is, when nobody has: baseline or national.",
    ),
]


@by_person
def list_desk(
    reason: Why = None,
    source: Source = None,
    country: Country = None,
    partner: ToPartner = None,
    site: Site = None,
    number: Number = None,
    at_risk: AtRisk = False,
    due: str | None = typer.Option(None, metavar="WHEN", help="Only what is overdue, or due today."),
    mine: bool = typer.Option(False, "--mine", help="Only what you have before you (with your token)."),
    waits: str | None = typer.Option(None, metavar="TIME", help="Only what has waited for 1h, 1d, 3d or 7d at least."),
    before: datetime | None = typer.Option(
        None, metavar="YYYY-MM-DD[THH:MM:SS]", help="Only what has waited since before then (UTC)."
    ),
    order: str | None = typer.Option(None, metavar="ORDER", help="By risk (then age), due or age."),
    view: str | None = typer.Option(None, metavar="NAME", help="A list that is kept (`cases views`), then narrowed."),
    limit: int = typer.Option(200, metavar="N", min=1, help="How many at most."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List what waits for people, urgent first. Then comes what has waited longest."""
    wanted = {"reason": reason, "source": source, "country": country, "partner": partner, "due": due, "order": order}
    wanted |= {"mine": "true" if mine else None, "waits": waits, "site": site}
    wanted |= {"number": number, "at_risk": "true" if at_risk else None}
    wanted |= {"waits_since_before": None if before is None else f"{before.isoformat()}Z"}
    return finish(_list(wanted, view, limit, cursor, data, as_json=as_json))


async def _list(
    wanted: dict[str, str | None],
    view: str | None,
    limit: int,
    cursor: str | None,
    data: Path | None,
    *,
    as_json: bool,
) -> int:
    async with open_client(data) as client:
        if view is not None:
            kept = {key: _said(value) for key, value in (await view_called(client, view))["wanted"].items()}
            wanted = kept | {key: value for key, value in wanted.items() if value is not None}
        found = await pages(client, ("cases", "desk"), limit, cursor, **wanted)
    return show_page(found, _COLUMNS, _row, as_json=as_json)


def _said(value: Any) -> str | None:
    """Return what a kept list says, as it stands in an address."""
    return None if value in (None, False) else "true" if value is True else str(value)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """Return a case as a line shows it: what its reports are called, and every reason why people have it."""
    return told(one) | {"reasons": [asked["code"] for asked in one["questions"]]}


@by_person
def assess(
    case: Case,
    assessment: str = typer.Argument(metavar="ASSESSMENT", help="baseline, national, not_illegal or unassessed."),
    reason: Reason = "",
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say what the material is; the case is decided anew."""
    return _act(case, "assess", data, as_json=as_json, assessment=assessment, reason=reason, version=version)


@by_person
def send(
    case: Case,
    reason: Reason = "",
    assessment: Assessment = None,
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Send a case to whom the policy proposes."""
    return _sent(case, "send", data, as_json=as_json, reason=reason, assessment=assessment, version=version)


@by_person
def refer(
    case: Case,
    reason: Reason = "",
    partner: str | None = typer.Option(None, metavar="PARTNER", help="The partner it goes to."),
    country: str | None = typer.Option(None, metavar="CC", help="Or the country whose hotline it goes to."),
    assessment: Assessment = None,
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Refer a case to a partner or country of your choice. A referral that has not left yet makes room for it."""
    to = {"partner": partner, "country": country, "assessment": assessment}
    return _sent(case, "refer", data, as_json=as_json, reason=reason, version=version, **to)


@by_person
def handed_over(
    case: Case,
    reason: Reason = "",
    partner: str = typer.Option(..., metavar="PARTNER", help="The partner that has it."),
    reference: str = typer.Option(..., metavar="NUMBER", help="What the partner calls it."),
    at: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="When (UTC); else now."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Write down that a partner has a case by another way. Ours to that partner ends, and it is followed."""
    said = {"partner": partner, "reference": reference, "at": None if at is None else f"{at.isoformat()}Z"}
    return _sent(case, "handed-over", data, as_json=as_json, reason=reason, version=version, **said)


@by_person
def told_police(
    case: Case,
    reference: str = typer.Option(..., metavar="NUMBER", help="Their number, or who there took it."),
    partner: str | None = typer.Option(None, metavar="PARTNER", help="Which unit, where there are several."),
    at: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="When (UTC); else now."),
    reason: str | None = typer.Option(None, "--reason", metavar="TEXT", help="What was said, if it needs a word."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Write down that the police were told of a case that rings. It is acknowledged, and stays on the desk."""
    said = {"partner": partner, "reference": reference, "at": None if at is None else f"{at.isoformat()}Z"}
    return _sent(case, "told-police", data, as_json=as_json, reason=reason, version=version, **said)


@by_person
def not_ours(
    case: Case,
    reason: Reason = "",
    country: str | None = typer.Option(None, metavar="CC", help="Whose you believe it to be."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Tell the peer that referred it that it is not ours."""
    return _act(case, "not-ours", data, as_json=as_json, reason=reason, version=version, country=country)


@by_person
def not_illegal(
    case: Case,
    reason: str | None = typer.Option(None, "--reason", metavar="TEXT", help="Why, if it needs a word."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that what you saw is not illegal; the case ends. Who has not revealed it is refused."""
    return _act(case, "not-illegal", data, as_json=as_json, reason=reason, version=version)


@by_person
def acknowledge(
    case: Case,
    reason: str | None = typer.Option(None, "--reason", metavar="TEXT", help="What was done, if anything yet."),
    police_reference: str | None = typer.Option(None, metavar="NUMBER", help="The number that the police gave."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that you are on a case that rings. The ringing stops; the rest may follow."""
    given = {"reason": reason, "police_reference": police_reference, "version": version}
    return _act(case, "acknowledge", data, as_json=as_json, **given)


@by_person
def ask(case: Case, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put a case on the desk that is with its partners. What is on its way goes on."""
    return _act(case, "ask", data, as_json=as_json, reason=reason, version=version)


@by_person
def reopen(case: Case, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False) -> int:
    """Open a closed case again. It stands on the desk then, and has no outcome."""
    return _act(case, "reopen", data, as_json=as_json, reason=reason, version=version)


@by_person
def undo(
    case: Case,
    reason: str | None = typer.Option(None, "--reason", metavar="TEXT", help="Why, if it needs a word."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Undo the last act on a case, while nothing of it has left."""
    return _act(case, "undo", data, as_json=as_json, reason=reason, version=version)


@by_person
def done(
    case: Case,
    reason: Reason = "",
    code: str | None = typer.Option(None, metavar="CODE", help="Which question is over, when there are several."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that what the desk asks for is done. Other questions of the case stay."""
    return _act(case, "done", data, as_json=as_json, code=code, reason=reason, version=version)


@by_person
def retrace(
    case: Case, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Trace a case again and decide anew."""
    return _act(case, "retrace", data, as_json=as_json, reason=reason, version=version)


@by_person
def look(
    case: Case,
    finding: str = typer.Argument(
        metavar="FINDING", help="gone, content_gone, still_there, moved, cannot_see or police_keeps."
    ),
    until: datetime | None = typer.Option(
        None, metavar="YYYY-MM-DD[THH:MM:SS]", help="Until when the police keep it up (UTC)."
    ),
    reason: Reason = "",
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say what you saw. Gone closes the case, moved traces it again, any other dates the next check."""
    at = None if until is None else f"{until.isoformat()}Z"
    return _act(case, "look", data, as_json=as_json, finding=finding, until=at, reason=reason, version=version)


@by_person
def close(
    case: Case,
    outcome: str = typer.Argument(
        metavar="OUTCOME", help="removed, unavailable, not_illegal, moved, unresolved or spam."
    ),
    reason: Reason = "",
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Close a case with its outcome; what has not left never leaves."""
    return _act(case, "close", data, as_json=as_json, outcome=outcome, reason=reason, version=version)


@by_person
def name_origin(
    case: Case,
    ip: str = typer.Argument(metavar="IP", help="The address behind the CDN, as its operator told it."),
    reason: Reason = "",
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Name the origin behind a CDN; the case is decided anew."""
    return _act(case, "origin", data, as_json=as_json, ip=ip, reason=reason, version=version)


@by_person
def name_target(
    case: Case,
    location: str | None = typer.Argument(
        None,
        metavar="[URL|-]",
        help="Where it leads; - reads it from standard input, without it what the link itself says.",
    ),
    reason: Reason = "",
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say where a link leads. That place becomes a linked case, and the link's own is closed, or goes on as a copy."""
    where = typer.get_text_stream("stdin").readline().strip() if location == "-" else location
    return finish(_led(case, data, as_json=as_json, location=where, reason=reason, version=version))


async def _led(case: str, data: Path | None, *, as_json: bool, **given: Any) -> int:
    async with open_client(data) as client:
        answer = await client.post("cases", case, "target", **given)
    show(answer, as_json=as_json, lines=[f"case {case} leads to case {answer['case']}"])
    return OK


def _act(case: str, act: str, data: Path | None, *, as_json: bool, **given: Any) -> int:
    """Do something to a case, and say where it stands then."""

    async def run() -> int:
        async with open_client(data) as client:
            await client.post("cases", case, act, **given)
            after = await _standing(client, case)
        show(after, as_json=as_json, lines=[_line(after)])
        return OK

    return finish(run())


async def _standing(client: ApiClient, case: str) -> dict[str, Any]:
    summary = (await client.get("cases", case))["summary"]
    kept = ("state", "version", "assessment", "outcome", "next_at", "desk", "reasons")
    return {"case": summary["id"], **{name: summary[name] for name in kept}}


def _line(after: dict[str, Any]) -> str:
    said = after["outcome"] or ", ".join(after["reasons"])
    if after["state"] in ("received", "located"):
        said = "it is being decided anew"
    return f"case {after['case']}: {after['state']}{f', {said}' if said else ''}"


def _sent(case: str, act: str, data: Path | None, *, as_json: bool, **given: Any) -> int:
    """Send a case, and name its new referrals: `send` may make several, `refer` makes one."""

    async def run() -> int:
        async with open_client(data) as client:
            answer = await client.post("cases", case, act, **given)
        made = answer if isinstance(answer, list) else [answer]
        lines = [f"referral {one['id']} to {one['partner']}: {one['state']}" for one in made]
        show({"items": answer} if isinstance(answer, list) else answer, as_json=as_json, lines=lines)
        return OK

    return finish(run())
