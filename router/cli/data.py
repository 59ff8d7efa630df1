"""`data`: the embedded data sets in force; how old they are, whether they are whole, and new ones."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, complain, finish, show, table, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.data.refresh import Renewal
    from router.data.repair import Restored
    from router.data.waiting import Waiting
    from router.settings import Settings

Edition = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="The sets that you looked at; any other are refused.")
]
_IN_FORCE: Final = "In force: a running `serve` or `worker` takes them up within a minute."


@verb
def data_status(data: Data = None, as_json: AsJson = False) -> int:
    """Show the data sets in force. Each has its date, age, limit and credit, and the age of its operators' lists."""
    from router.app_tracer import SETS, open_data
    from router.clock import SystemClock
    from router.data.waiting import waiting
    from router.settings import Settings

    settings = Settings.load(data_dir=data)
    waits = waiting(settings.data_dir / SETS)
    with open_data(settings) as sets:
        found = sets.status(SystemClock().now().date())
        credited = sets.credits()
    rows = [
        {
            "name": o.name,
            "date": o.date,
            "age": o.age_days,
            "limit": o.max_age_days,
            "stale": o.stale,
            "title": o.title,
            "lists": [{"operator": one.operator, "date": one.date, "age": one.age_days} for one in o.lists],
        }
        for o in found
    ]
    lists = [
        f"{o.name}: {', '.join(f'{one.operator} {one.age_days} days old' for one in o.lists)}" for o in found if o.lists
    ]
    columns = {"set": "name", "date": "date", "days old": "age", "limit": "limit", "what": "title"}
    late = [f"{row['name']} is older than its limit; run `data refresh`." for row in rows if row["stale"]]
    held = [] if waits is None else [waits.text, *(one.text for one in waits.moves.moved)]
    show(
        {"sets": rows, "credits": list(credited), "waiting": _of_waiting(waits)},
        as_json=as_json,
        lines=[*table(rows, columns), *lists, *late, *held, *credited],
    )
    return OK


@verb
def data_verify(data: Data = None, as_json: AsJson = False) -> int:
    """Check each data set in force against its SHA-256. Exit 1 when one differs."""
    from router.app_tracer import sets_in_force
    from router.data.datasets import verify
    from router.settings import Settings

    rows = [{"name": info.name, "ok": good} for info, good in verify(sets_in_force(Settings.load(data_dir=data)))]
    lines = [f"{'good   ' if row['ok'] else 'CHANGED'}  {row['name']}" for row in rows]
    good = all(row["ok"] for row in rows)
    if not good:
        lines.append("Run `data refresh`: before it fetches anything, it puts back the last whole sets.")
    show({"ok": good, "sets": rows}, as_json=as_json, lines=lines)
    return OK if good else NO


@verb
def data_refresh(data: Data = None, as_json: AsJson = False) -> int:
    """Fetch new data sets from their publishers or mirrors. Exit 1 when one, or an operator's list, cannot be renewed.

    Mirrors stand in router.toml. A list that needs a mirror nobody named is kept, and said; it counts as failed once it
    is older than its set's limit. `data status` shows the age of each.
    """
    from router.app_data import renew
    from router.app_tracer import SETS
    from router.clock import SystemClock
    from router.data.waiting import waiting
    from router.settings import Settings

    settings, today = Settings.load(data_dir=data), SystemClock().now().date()
    restored = put_back(settings, today)
    outcome = finish(renew(settings, today))
    return report(outcome, restored, waiting(settings.data_dir / SETS), as_json=as_json)


@verb
def data_accept(edition: Edition = None, data: Data = None, as_json: AsJson = False) -> int:
    """Put the data sets in force that wait for a person. They wait when they would move many hosts to other countries.

    `--id` is of those that were looked at; without it they are shown, and exit 2. `data status` and `doctor` say which
    networks and countries are concerned. How many hosts are many is `data_moved_most` in router.toml.
    """
    from router.app_tracer import SETS
    from router.clock import SystemClock
    from router.data.waiting import accept, waiting
    from router.errors import BadInput
    from router.settings import Settings

    settings, today = Settings.load(data_dir=data), SystemClock().now().date()
    if edition is None and (waits := waiting(settings.data_dir / SETS)) is not None:
        raise BadInput(waits.text, field="id")
    found = accept(settings.data_dir / SETS, today, edition or "")
    lines = [f"Accepted the data sets of {found.since}: {found.moves.text}.", _IN_FORCE]
    show({"accepted": _of_waiting(found)}, as_json=as_json, lines=lines)
    return OK


def _of_waiting(found: "Waiting | None") -> "dict[str, Any] | None":
    """Return what waits as `--json` says it."""
    if found is None:
        return None
    moved = [asdict(one) for one in found.moves.moved]
    return {"id": found.id, "since": found.since, "hosts": found.moves.hosts, "of": found.moves.of, "moved": moved}


def put_back(settings: "Settings", today: date) -> "tuple[Restored, ...]":
    """Replace damaged sets by the last whole ones, and say so at once: fetching may take long, or fail.

    Raise CannotStart when no whole copy of a set is left.
    """
    from router.app_tracer import SETS
    from router.data.repair import repair

    restored = repair(settings.data_dir / SETS, today)
    for one in restored:
        origin = "which came with the router," if one.shipped else "from the refresh before,"
        complain(f"{one.name} was damaged; the set of {one.date}, {origin} is in force instead. Fetching new ones now.")
    return restored


def report(
    outcome: "Sequence[Renewal]",
    restored: "Sequence[Restored]" = (),
    waits: "Waiting | None" = None,
    *,
    as_json: bool,
) -> int:
    """Print what became of each set, and return the exit code."""
    rows = [
        {
            "name": one.name,
            "renewed": one.renewed,
            "reason": one.reason,
            "needs_mirror": one.needs_mirror,
            "kept": [
                {"operator": kept.operator, "date": kept.date or None, "reason": kept.reason, "failed": kept.failed}
                for kept in one.kept
            ],
        }
        for one in outcome
    ]
    lines = [f"{_word(one)}  {one.name}{one.reason and f': {one.reason}'}" for one in outcome]
    if waits is not None:
        lines += [waits.text, *(one.text for one in waits.moves.moved)]
    elif any(one.renewed for one in outcome):
        lines.append(_IN_FORCE)
    if restored and _IN_FORCE not in lines:
        lines.append(_IN_FORCE)
    good = not any(one.failed for one in outcome)
    back = [{"name": one.name, "date": one.date, "shipped": one.shipped} for one in restored]
    told = {"ok": good, "sets": rows, "restored": back, "waiting": _of_waiting(waits)}
    show(told, as_json=as_json, lines=lines)
    return OK if good else NO


def _word(one: "Renewal") -> str:
    if one.renewed:
        return "PARTLY " if one.failed else "renewed"
    return "FAILED " if one.failed else "kept   "
