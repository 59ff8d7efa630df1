"""`cases list | show | explain`: what is known of cases, masked, and why they went where they went."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from router.cli.client.api import open_client
from router.cli.options import AsJson, AtRisk, Country, Cursor, Data, Number, Site, Source, ToPartner, Why
from router.cli.output import OK, finish, show, table, verb

COLUMNS = {
    "case": "id",
    "numbers": "called",
    "state": "state",
    "location": "masked",
    "site": "of_site",
    "verdict": "verdict",
    "hosted": "hosting_country",
    "dealt with": "assigned_country",
    "partners": "partners",
    "outcome": "outcome",
    "next": "next_at",
    "desk": "desk",
}


@verb
def list_cases(
    state: str | None = typer.Option(
        None, metavar="STATE", help="Only cases in this state: received, located, referred, desk, closed."
    ),
    number: Number = None,
    reason: Why = None,
    source: Source = None,
    country: Country = None,
    partner: ToPartner = None,
    site: Site = None,
    at_risk: AtRisk = False,
    limit: int = typer.Option(50, min=1, metavar="N", help="How many at most, newest first."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List cases, newest first."""
    wanted = {"state": state, "number": number, "reason": reason, "source": source, "country": country}
    wanted |= {"partner": partner, "site": site, "at_risk": "true" if at_risk else None}
    return finish(_list(wanted, limit, cursor, data, as_json=as_json))


async def _list(
    wanted: dict[str, str | None], limit: int, cursor: str | None, data: Path | None, *, as_json: bool
) -> int:
    async with open_client(data) as client:
        found = await pages(client, ("cases",), limit, cursor, **wanted)
    return show_page(found, COLUMNS, told, as_json=as_json)


def called(one: dict[str, Any]) -> list[str]:
    """Return what the first reports of a case are called: our number, and its source's in brackets."""
    return [f"{number['dossier'] or '-'}({number['reference']})" for number in one["numbers"]]


def told(one: dict[str, Any]) -> dict[str, Any]:
    """Return a case as a line of a list shows it: with what its reports are called, and how many its site has."""
    return one | {"called": called(one), "of_site": _site(one.get("site"))}


def _site(one: dict[str, Any] | None) -> str:
    return "" if one is None else f"{one['tag']} ({'over ' if one['more'] else ''}{one['open']} open)"


async def pages(
    client: Any, what: Sequence[str], limit: int, cursor: str | None, **wanted: str | None
) -> dict[str, Any]:
    """Return up to `limit` entries of a list, page by page, and its total, as one page of the API's."""
    items: list[dict[str, Any]] = []
    while True:
        page = await client.get(*what, **wanted, cursor=cursor, limit=min(500, limit - len(items)))
        items += page["items"]
        cursor = page["next"]
        if cursor is None or len(items) >= limit:
            return {**page, "items": items}


def show_page(
    found: dict[str, Any],
    columns: dict[str, str],
    told: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    as_json: bool,
    above: Sequence[str] = (),
) -> int:
    """Print a page of a list, and how much there is beside it: nothing stops without a word."""
    lines = [*above, *(table([told(one) for one in found["items"]], columns) if found["items"] else ["None."])]
    if found["next"] is not None:
        total = f"{'at least ' if found['more'] else ''}{found['total']:,}"
        lines.append(f"{len(found['items']):,} of {total}; --cursor {found['next']} shows what follows.")
    show(found, as_json=as_json, lines=lines)
    return OK


@verb
def show_case(case: str = typer.Argument(metavar="CASE"), data: Data = None, as_json: AsJson = False) -> int:
    """Show all that is kept of one case, masked."""
    return finish(_show(case, data, as_json=as_json))


async def _show(case: str, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        file = await client.get("cases", case)
    show(file, as_json=as_json, lines=_file(file))
    return OK


def _file(file: dict[str, Any]) -> list[str]:
    summary = file["summary"]
    lines = [f"case {summary['id']}: {summary['state']}, {file['location']}"]
    lines += [f"{label}: {summary[key]}" for label, key in _FACTS if summary.get(key) is not None]
    lines += [_GRAVE] if file.get("grave") else []
    lines += _links(file)
    lines += [_item(one) for one in file.get("items", ())]
    if hold := file.get("police_hold"):
        lines.append(f"{hold['partner']} asked that nobody be told before {hold['until']}")
    if desk := file.get("desk"):
        lines.append(f"on the desk: {desk['text']} ({desk['code']})")
    if trace := file.get("trace"):
        lines += [_address(one) for one in trace["addresses"]]
        lines += [f"  reason: {one['text']}" for one in trace["verdict"]["reasons"]]
        lines += [f"  leads to: {inner}"] if (inner := trace["verdict"].get("leads_to")) else []
    lines += [_probe(one) for one in file.get("probes", ())]
    lines += [line for one in file["referrals"] for line in _referral(one)]
    return lines + [line for one in file["timeline"] for line in _happened(one)]


def _happened(one: dict[str, Any]) -> list[str]:
    """Return what happened, and of each route by which the policy decided why, as the version that decided says it."""
    lines = [f"{one['at']}  {one['actor']}  {one['act']}  {one['text']}".rstrip()]
    return lines + [f"  {why['route']}: {said}" for why in one.get("why", ()) if (said := _why(why)) is not None]


def _why(one: dict[str, Any]) -> str | None:
    """Return a route's reason in English where the policy has it so; of one that has none, the facts it looked at."""
    reason: str | None = one.get("reason")
    facts: str | None = one.get("because")
    return facts if reason is None else one["translations"].get("en", reason)


def _item(one: dict[str, Any]) -> str:
    """Return who reported it and what they found it to be; what else it says is revealed on the console only."""
    author = f" by {one['assessed_by']}" if one.get("assessed_by") else ""
    at = f" at {one['assessed_at']}" if one.get("assessed_at") else ""
    names = "".join(f", {told['hotline']} {told['dossier'] or told['reference']}" for told in one.get("told", ()))
    when = one["received_at"] + ("" if one.get("received_at_known", True) else " (about; not known)")
    name = f"report {one['dossier'] or '-'} ({one['reference']}{names})"
    return f"{name} by {one['source']} at {when}: {one['assessment']}{author}{at}"


def _probe(one: dict[str, Any]) -> str:
    """Return when its host was asked whether it is there, and what that said; never whether the content is."""
    found = (one["finding"] or "cut, and may have arrived").replace("_", " ")
    status = "" if one["status"] is None else f" {one['status']}"
    return f"its host was asked at {one['at']}: {found}{status}; referrer {one['referrer']}"


def _links(file: dict[str, Any]) -> list[str]:
    """Return which other cases belong to this one, and who has had it since when."""
    linked = [f"{one['relation'].replace('_', ' ')}: case {one['case']}" for one in file.get("linked", ())]
    return linked + [_turn(one) for one in file.get("turns", ())]


def _turn(one: dict[str, Any]) -> str:
    who = one["who"] if not one.get("partner") else f"{one['who']} ({one['partner']})"
    return f"with {who} from {one['since']} {'to ' + one['until'] if one.get('until') else 'until now'}"


_GRAVE = "reported as grave: look when you are ready, or leave it to somebody else"
_FACTS = (
    ("assessment", "assessment"),
    ("urgency", "urgency"),
    ("verdict", "verdict"),
    ("hosted in", "hosting_country"),
    ("dealt with by", "assigned_country"),
    ("confidence", "confidence"),
    ("outcome", "outcome"),
    ("next date", "next_at"),
)


_NONE_GIVEN = ", no receipt was given"


def _address(one: dict[str, Any]) -> str:
    said = ", ".join(f"{e['source']} says {e['claim'].get('country') or e['claim']['basis']}" for e in one["evidence"])
    return f"  {one['ip']} {one.get('country') or 'no country'} ({one['confidence']:.3f}): {said}"


def waiting_lines(one: dict[str, Any]) -> list[str]:
    """Say why a referral has not left, since when, and until when, if something holds it."""
    if not (wait := one.get("waits")):
        return []
    since = f" since {wait['since']}" if wait.get("since") else ""
    until = f" until {wait['until']}" if wait.get("until") else ""
    return [f"  waits{since}{until}: {wait['text']}"]


def _referral(one: dict[str, Any]) -> list[str]:
    receipt = f", receipt {one['receipt']}" if one.get("receipt") else _NONE_GIVEN * (one["state"] == "accepted")
    lines = [f"referral {one['id']} to {one['partner']}: {one['state']}{receipt}"]
    if done := one.get("progress"):
        lines.append(f"  {done['since']}  {done['text']}")
    lines += waiting_lines(one)
    return lines + [f"  {tried['ended_at']}  {tried['outcome']}: {tried['text']}" for tried in one["attempts"]]


@verb
def explain_case(case: str = typer.Argument(metavar="CASE"), data: Data = None, as_json: AsJson = False) -> int:
    """Say which routes of the policy were walked. Of each: why it did or did not match."""
    return finish(_explain(case, data, as_json=as_json))


async def _explain(case: str, data: Path | None, *, as_json: bool) -> int:
    from router.policy.explain import as_data, explain
    from schemas.decision import Decision

    async with open_client(data) as client:
        decision = Decision.model_validate(await client.get("policy", "decisions", case))
    show(as_data(decision), as_json=as_json, lines=explain(decision))
    return OK
