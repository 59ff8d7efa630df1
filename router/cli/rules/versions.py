"""`policy versions | compare | rollback`: what was in force by whom, what differs, and back to an older one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from router.cli.client.api import open_client
from router.cli.client.person import by_person
from router.cli.options import AsJson, Data
from router.cli.output import OK, counted, finish, show, verb
from router.cli.proposals import told

Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Its number, as `policy versions` shows it.")]
#: What a route does to which cases it takes.
_REACH: Final = {
    "same": "the same cases",
    "more": "more cases than before",
    "fewer": "fewer cases than before",
    "other": "other cases than before",
}
_KIND: Final = {"added": "new", "removed": "gone", "changed": "changed", "moved": "stands elsewhere"}


@verb
def policy_versions(
    limit: int = typer.Option(50, min=1, max=200, metavar="N", help="So many at a time."),
    cursor: str | None = typer.Option(None, metavar="CURSOR", help="Where the last page ended (its `next`)."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """List every version. Who put it in force, and who gave the second yes."""
    found = finish(_get(data, "policy", "versions", limit=limit, cursor=cursor))
    show(found, as_json=as_json, lines=_listed(found))
    return OK


@verb
def policy_compare(
    version: Version,
    of: int | None = typer.Option(None, "--with", min=1, metavar="VERSION", help="With which; else the one before."),
    text: bool = typer.Option(False, "--text", help="Show the lines that differ as well."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Say what a version changes of another. Route by route, and who gets more or less by it."""
    found = finish(_get(data, "policy", "versions", str(version), "compare", of=of))
    show(found, as_json=as_json, lines=_compared(found, text=text))
    return OK


@by_person
def policy_rollback(
    version: Version,
    over: int | None = typer.Option(None, "--over", min=1, metavar="VERSION", help="The one in force that you saw."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Publish an older version again. Its tests are run; what widens waits for another person."""
    return finish(_roll_back(version, over, data, as_json=as_json))


async def _get(data: Path | None, *path: str, **asked: Any) -> dict[str, Any]:
    async with open_client(data) as client:
        found: dict[str, Any] = await client.get(*path, **asked)
    return found


async def _roll_back(version: int, over: int | None, data: Path | None, *, as_json: bool) -> int:
    async with open_client(data) as client:
        newest = over or (await client.get("policy"))["version"]
        differs = await client.get("policy", "versions", str(version), "compare", of=newest)
        done = await client.post("policy", "versions", str(version), "roll-back", over=newest)
    good = f"Policy version {done['version']} is in force, with the text of version {version}."
    lines = [*_compared(differs, text=False), *told(done, otherwise=good)]
    show({"version": done["version"], "proposed": done["proposed"]}, as_json=as_json, lines=lines)
    return OK


def _listed(found: Mapping[str, Any]) -> Iterator[str]:
    for one in found["items"]:
        by = f"by {one['by']}"
        if one["confirmed_by"]:
            by = f"proposed by {one['proposed_by']}, confirmed by {one['confirmed_by']}"
        elif one["proposed_by"]:
            by = f"proposed by {one['proposed_by']}, put in force by {one['by']} by break-glass"
        same = f", the text of {one['same_as']} again" if one["same_as"] else ""
        yield f"{one['version']:>4}  {one['at']}  {by}{same}{'  (in force)' if one['in_force'] else ''}"
    yield f"{counted(found['total'], 'version')}." + (f" More with --cursor {found['next']}." if found["next"] else "")


def _compared(found: Mapping[str, Any], *, text: bool) -> Iterator[str]:
    yield f"What version {found['to']} changes of version {found['of']}:"
    for number in found["unread"]:
        yield f"Version {number} is not read by this program's rules any more: only the texts are compared."
    for one in found["routes"]:
        yield from _route(one)
    yield from (_part("", one) for one in found["settings"])
    for word in ("added", "removed"):
        yield from (f"test {word}: {name}" for name in found[f"tests_{word}"])
    if not any(found[name] for name in ("routes", "settings", "tests_added", "tests_removed", "unread")):
        yield "Nothing but words and remarks."
    if found["widens"]:
        yield f"Another person has to confirm it: {'; '.join(found['widens'])}."
    yield from found["text"] if text or found["unread"] else ()


def _route(one: Mapping[str, Any]) -> Iterator[str]:
    reach = "" if one["kind"] in {"added", "removed"} else f", takes {_REACH[one['reach']]}"
    yield f"route {one['route']}: {_KIND[one['kind']]}{reach}"
    for word, names in (("more", one["more"]), ("less", one["less"])):
        if names:
            yield f"  {word} for {', '.join(names)}"
    if one["decides_for_others"]:
        yield "  other cases are left to the routes below it"
    yield from (_part("  ", part) for part in one["parts"])


def _part(before: str, one: Mapping[str, Any]) -> str:
    was, becomes = (("-" if value is None else value) for value in (one["was"], one["becomes"]))
    return f"{before}{one['part']}: {was} -> {becomes}"
