"""`referrals`, `bundles` and `stop`: what staff do to what goes to partners, for scripts."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from router.cli.cases import called, pages, show_page, waiting_lines
from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Cursor, Data, Number, Reason, Version
from router.cli.output import OK, counted, finish, show, table, verb
from schemas.reply_code import code_of, referral_of

_COLUMNS = {
    "referral": "id",
    "case": "case",
    "numbers": "called",
    "partner": "partner",
    "state": "state",
    "next": "next_at",
    "receipt": "receipt",
    "step": "step",
    "waits": "why",
    "last": "last_text",
}
_REFERRAL = typer.Argument(metavar="REFERRAL")
_SAID = typer.Option(None, "--reason", metavar="TEXT", help="What else is to be kept of it; sealed.")
_WHOLE = typer.Option(False, "--whole", help="Of everything in its bundle.")
_ONLY = typer.Option(False, "--only", help="Of this referral alone.")
_ITEM = typer.Option([], "--item", metavar="CODE", help="Of this item of its bundle; again for each.")
_UNIT = typer.Argument(metavar="REFERRAL", help="Its id, or the reply code on its page.")


@verb
def list_referrals(
    state: str | None = typer.Option(
        None, metavar="STATE", help="Only those in this state, such as waiting, held or accepted."
    ),
    partner: str | None = typer.Option(None, metavar="PARTNER", help="Only those to this partner, newest case first."),
    without_receipt: bool = typer.Option(
        False, "--without-receipt", help="Only those that were tried and have no receipt yet."
    ),
    number: Number = None,
    limit: int = typer.Option(50, min=1, metavar="N", help="How many at most, newest first."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List referrals, newest first."""
    wanted = {"state": state, "partner": partner, "number": number}
    wanted |= {"without_receipt": "true" if without_receipt else None}
    return finish(_list(wanted, limit, cursor, data, as_json=as_json))


def _step(one: dict[str, Any]) -> str | None:
    return (one.get("progress") or {}).get("step")


async def _list(
    wanted: dict[str, str | None], limit: int, cursor: str | None, data: Path | None, *, as_json: bool
) -> int:
    async with open_client(data) as client:
        found = await pages(client, ("referrals",), limit, cursor, **wanted)
    return show_page(found, _COLUMNS, _told, as_json=as_json)


def _told(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"called": called(one), "step": _step(one), "why": _why(one)}


def _why(one: dict[str, Any]) -> str | None:
    """Say what a referral waits for, and since when, in a column's width; `cases show` has the sentence."""
    wait = one.get("waits") or {}
    told = " ".join([wait.get("code", ""), *([f"({wait['reason']})"] if wait.get("reason") else [])])
    return f"{told} since {wait['since']}" if wait.get("since") else told or None


@by_person
def hold(
    referral: str = _REFERRAL,
    reason: Reason = "",
    until: datetime | None = typer.Option(
        None, metavar="YYYY-MM-DD[THH:MM:SS]", help="Release by itself then (UTC); else it waits for a person."
    ),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Keep a referral from leaving."""
    return _act(referral, "hold", data, as_json=as_json, reason=reason, version=version, until=_utc(until))


@by_person
def release(
    referral: str = _REFERRAL, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Let a held referral leave now."""
    return _act(referral, "release", data, as_json=as_json, reason=reason, version=version)


@by_person
def override(
    referral: str = _REFERRAL,
    reason: Reason = "",
    partner: str | None = typer.Option(None, metavar="PARTNER", help="The partner it goes to instead."),
    country: str | None = typer.Option(None, metavar="CC", help="Or the country whose hotline it goes to."),
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Send a case to another partner or country. The answer is the new referral, which replaces this one."""
    return _act(
        referral, "override", data, as_json=as_json, reason=reason, version=version, partner=partner, country=country
    )


@by_person
def retry(
    referral: str = _REFERRAL, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Send a referral now. For one that waits, was refused, expired, or may have arrived."""
    return _act(referral, "retry", data, as_json=as_json, reason=reason, version=version)


@by_person
def recall(
    referral: str = _REFERRAL, reason: Reason = "", version: Version = None, data: Data = None, as_json: AsJson = False
) -> int:
    """Take a referral back."""
    return _act(referral, "recall", data, as_json=as_json, reason=reason, version=version)


@by_person
def taken_back(
    referral: str = _REFERRAL,
    reference: str = typer.Option(metavar="TEXT", help="By what it is known: who there said so, or their letter."),
    at: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="When (UTC); else now."),
    reason: str | None = _SAID,
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say that a partner confirmed a recall told by hand."""
    said: dict[str, Any] = {"reason": reason, "reference": reference, "at": _utc(at)}
    return _act(referral, "taken-back", data, as_json=as_json, version=version, **said)


@by_person
def receipt(
    referral: str = _UNIT,
    number: str | None = typer.Option(None, metavar="NUMBER", help="The unit's own number."),
    officer: str | None = typer.Option(None, metavar="NAME", help="Or who there said that they have it."),
    at: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="When (UTC); else now."),
    whole: bool = _WHOLE,
    only: bool = _ONLY,
    item: list[str] = _ITEM,
    shared: bool = typer.Option(False, "--shared", help="The unit gave this number to another bundle as well."),
    reason: str | None = _SAID,
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Type a police unit's receipt. REFERRAL is its id or its reply code; of several items say which are meant."""
    said: dict[str, Any] = {
        "reason": reason,
        "number": number,
        "officer": officer,
        "at": _utc(at),
        **_covers(whole, only, item),
        "shared": shared,
    }
    return _act(_named(referral), "receipt", data, as_json=as_json, version=version, **said)


@by_person
def answer(
    referral: str = _UNIT,
    said: str = typer.Argument(
        metavar="ANSWER", help="received, taken_up, sent_elsewhere, hold_until, release or closed."
    ),
    number: str | None = typer.Option(None, metavar="NUMBER", help="The unit's own number, if it gave another."),
    officer: str | None = typer.Option(None, metavar="NAME", help="Who there said so."),
    until: datetime | None = typer.Option(None, metavar="YYYY-MM-DD[THH:MM:SS]", help="Of hold_until (UTC)."),
    outcome: str | None = typer.Option(
        None, metavar="OUTCOME", help="Of closed: removed, unavailable, not_illegal or unresolved."
    ),
    whole: bool = _WHOLE,
    only: bool = _ONLY,
    item: list[str] = _ITEM,
    reason: str | None = _SAID,
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Type what a police unit says of what it has. REFERRAL is its id or its reply code."""
    told: dict[str, Any] = {
        "reason": reason,
        "answer": said,
        "number": number,
        "officer": officer,
        "until": _utc(until),
        "outcome": outcome,
        **_covers(whole, only, item),
    }
    return _act(_named(referral), "answer", data, as_json=as_json, version=version, **told)


def _covers(whole: bool, only: bool, item: list[str]) -> dict[str, Any]:
    """Return which items are meant, as it was said: of a bundle of several one of the three must be."""
    said = {"whole": whole, "only": only, "items": item}
    return {name: value for name, value in said.items() if value}


def _named(referral: str) -> str:
    """Return the id that a reply code names; what is none is taken for the id itself."""
    return referral_of(referral) or referral


def _utc(at: datetime | None) -> str | None:
    return None if at is None else f"{at.isoformat()}Z"


def _act(referral: str, act: str, data: Path | None, *, as_json: bool, **given: Any) -> int:
    async def run() -> int:
        async with open_client(data) as client:
            after = await client.post("referrals", referral, act, **given)
        lines = [f"referral {after['id']} to {after['partner']}: {after['state']}", *waiting_lines(after)]
        show(after, as_json=as_json, lines=lines)
        return OK

    return finish(run())


@verb
def stop(
    scope: str = typer.Argument("all", help="all, partner:NAME or route:NAME."),
    reason: Reason = "",
    lift: bool = typer.Option(False, "--lift", help="Let it go on instead."),
    list_: bool = typer.Option(False, "--list", help="Only show what is halted."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Halt all sending but to police, one partner or one route. Nothing is lost, it waits."""
    return finish(_stop(scope, reason, lift, list_, data, as_json=as_json))


def _held(one: dict[str, Any]) -> str:
    return f" (holds {one['at_risk']} in which a child is at risk)" if one["at_risk"] else ""


async def _stop(scope: str, reason: str, lift: bool, only_list: bool, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        if not only_list:
            await client.post("stop", *(["lift"] if lift else []), scope=scope, reason=reason)
        found = (await client.get("stop"))["items"]
    lines = [
        f"halted: {one['scope']} since {one['since']} by {one['by']}: {one['reason']}{_held(one)}" for one in found
    ]
    show({"items": found}, as_json=as_json, lines=lines or ["Nothing is halted."])
    return OK


_BUNDLE = {"bundle": "code", "partner": "partner", "items": "items", "state": "state", "receipt": "receipt"}


@verb
def list_bundles(
    waiting: bool = typer.Option(False, "--waiting", help="Only those whose receipt is still to come."),
    limit: int = typer.Option(50, min=1, metavar="N", help="Of how many referrals at most, newest first."),
    cursor: Cursor = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List the bundles that police units were handed. A bundle is named by its reply code."""
    return finish(_list_bundles(waiting, limit, cursor, data, as_json=as_json))


async def _list_bundles(waiting: bool, limit: int, cursor: str | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = await pages(client, ("referrals",), limit, cursor, bundled="true")
    bundles = [one for one in _bundles(found["items"]) if not waiting or one["receipt"] is None]
    lines = table(bundles, _BUNDLE) if bundles else ["None."]
    if found["next"] is not None:
        told = f"Of {len(found['items']):,} of {counted(found['total'], 'referral')} in bundles"
        lines.append(f"{told}; --cursor {found['next']} shows what follows.")
    rest = {name: found[name] for name in ("total", "more", "next")}
    show({"items": bundles, **rest}, as_json=as_json, lines=lines)
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


@by_person
def list_letters(data: Data = None, as_json: AsJson = False) -> int:
    """Show what police units wrote, the newest first."""
    return finish(_letters(data, as_json=as_json))


@by_person
def letter_read(letter: str, data: Data = None, as_json: AsJson = False) -> int:
    """Say that you read a letter that names no case."""
    return finish(_letter_read(letter, data, as_json=as_json))


async def _letter_read(letter: str, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        await client.post("letters", letter, "read")
    show({"letter": letter}, as_json=as_json, lines=["Nobody is told of it any more."])
    return OK


async def _letters(data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        found = (await client.get("letters"))["items"]
    lines = [line for one in found for line in _letter(one)]
    show({"items": found}, as_json=as_json, lines=lines or ["None."])
    return OK


def _letter(one: dict[str, Any]) -> Iterator[str]:
    signed = "signed by their key" if one["is_signed"] else "not signed: ask them if you doubt it"
    yield f"{one['at']} {one['partner']}, {signed}; cases: {', '.join(one['cases']) or 'none that it names'}"
    if one["unread"]:
        yield f"    Nobody has read it yet; once you have: bundles letter-read {one['id']}"
    yield from (f"    {line}" for line in one["text"].splitlines())
    for part in one["dropped"]:
        yield f"    (not read, and not kept: {part['kind']}, {part['size']} bytes)"
