"""`data`: the embedded data sets in force; how old they are, whether they are whole, and new ones."""

from datetime import date
from typing import TYPE_CHECKING, Final

from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, complain, finish, show, table, verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.data.refresh import PublishedFile, Renewal
    from router.data.repair import Restored
    from router.guard.egress import Dial
    from router.settings import Settings

#: Seconds for one publisher's file; the largest has some tens of megabytes.
_PATIENCE: Final = 300.0


@verb
def data_status(data: Data = None, as_json: AsJson = False) -> int:
    """Show the data sets in force. Each has its date, age, limit and credit, and the age of its operators' lists."""
    from router.app_tracer import open_data
    from router.clock import SystemClock
    from router.settings import Settings

    with open_data(Settings.load(data_dir=data)) as sets:
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
    show(
        {"sets": rows, "credits": list(credited)},
        as_json=as_json,
        lines=[*table(rows, columns), *lists, *late, *credited],
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
    from router.clock import SystemClock
    from router.settings import Settings

    settings, today = Settings.load(data_dir=data), SystemClock().now().date()
    restored = put_back(settings, today)
    return report(finish(renew(settings, today)), restored, as_json=as_json)


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


async def renew(
    settings: "Settings", today: date, *, files: "Sequence[PublishedFile] | None" = None, dial: "Dial | None" = None
) -> "tuple[Renewal, ...]":
    """Renew the sets and put them in force for whatever starts next. `files` and `dial` are for tests.

    Raise CannotStart for a mirror of a file that no publisher has, or when the sets in force are damaged (`put_back`).
    """
    from router.app_tracer import SETS, data_folder, make_resolver, way_out
    from router.clock import SystemClock
    from router.data.refresh import refresh
    from router.errors import EvidenceUnavailable
    from router.guard.target import Purpose

    wanted = files or published(settings.mirrors)
    root = data_folder(settings.data_dir) / SETS
    resolver = make_resolver(settings, SystemClock())
    try:
        async with way_out(settings, resolver, dial) as egress:

            async def fetch(url: str, most: int) -> bytes:
                answer = await egress.request("GET", url, deadline=_PATIENCE, cap=most, purpose=Purpose.DATA)
                if answer.status != 200:
                    raise EvidenceUnavailable(f"answered {answer.status}; try again later, or name a mirror")
                return answer.body

            return await refresh(root, fetch, today, wanted)
    finally:
        await resolver.aclose()


def published(mirrors: dict[str, str]) -> "tuple[PublishedFile, ...]":
    """Return where each file is fetched. Raise CannotStart for a mirror of a file that is not fetched."""
    from router.data.refresh import read_files
    from router.errors import CannotStart

    files = read_files(mirrors)
    known = sorted(f"{file.package}/{file.name}" for file in files)
    for name in mirrors:
        if name not in known:
            raise CannotStart(f"There is no file {name} to mirror; the files are {', '.join(known)}.", field="mirrors")
    return files


def report(outcome: "Sequence[Renewal]", restored: "Sequence[Restored]" = (), *, as_json: bool) -> int:
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
    if restored or any(one.renewed for one in outcome):
        lines.append("In force: a running `serve` or `worker` takes them up within a minute.")
    good = not any(one.failed for one in outcome)
    back = [{"name": one.name, "date": one.date, "shipped": one.shipped} for one in restored]
    show({"ok": good, "sets": rows, "restored": back}, as_json=as_json, lines=lines)
    return OK if good else NO


def _word(one: "Renewal") -> str:
    if one.renewed:
        return "PARTLY " if one.failed else "renewed"
    return "FAILED " if one.failed else "kept   "
