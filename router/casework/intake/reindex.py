"""Every blind index made anew under another key, while nobody works: what opens is read, and its indexes are computed.

What is done stands in the rows: an index begins with the id of its key. So a run that was cut is gone on with by the
next one, and until then the router does not start: a report that is looked up under one key while its case has an index
of another would be a new case. Of what is erased nothing is left to compute an index from; it keeps what it has, which
finds nothing any more.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from router.casework.case.embargo import FIELD
from router.casework.case.marks import named
from router.casework.case.record import Opened, open_rows
from router.casework.case.sealed import item_secrets
from router.casework.context import Context
from router.casework.intake.anew.policy import rename_hosts
from router.casework.intake.domains import account_mark, site_marks
from router.errors import CannotStart, Damaged
from router.guard.log import get_log
from router.guard.master import changing, load_keys, write
from router.guard.seal import ID, Keyring
from router.hosting.location.identity import identity
from router.store.base import Add, Change, Event, LookUp, Remove, Row, Transition
from router.store.schema.tables import cases, embargoes, items, left_before_restore, probed_hosts, reports
from schemas.embargo import EmbargoKind, EmbargoSecrets

#: Cases in one commit.
_PAGE: Final = 200
_ITEMS: Final = LookUp(select(items), items.c.case_id)
_RESTORED: Final = (
    "This router was put back from a backup, and knows what left of {count} cases by an index that nothing can compute"
    " anew. Wait until their time is over (`purge`)."
)


async def reindex(ctx: Context, path: Path, told: Callable[[int], None]) -> int:
    """Make every index anew and put its key in force; return of how many cases and embargoes. `path` is the key file.

    Raise CannotStart, StoreUnavailable.
    """
    (left,) = await ctx.store.rows(select(func.count().label("n")).select_from(left_before_restore))
    if left["n"]:
        raise CannotStart(_RESTORED.format(count=left["n"]))
    with changing(path) as keys:
        write(path, keys.reindexing())
    anew = Keyring(load_keys(path).reindexed().masters)
    await rename_hosts(ctx, anew)
    done, after = 0, ""
    while page := await ctx.store.rows(select(cases).where(cases.c.id > after).order_by(cases.c.id).limit(_PAGE)):
        after = page[-1]["id"]
        done += await _page(ctx, anew, [row for row in page if bytes(row["url_bidx"])[:ID] not in (b"", *anew.ids())])
        told(done)
    done += await _embargoes(ctx, anew)
    await ctx.store.commit(Transition(ctx.now(), events=(Event("keys.reindexed", "local", detail={"cases": done}),)))
    with changing(path) as keys:
        write(path, keys.reindexed())
    return done


async def _page(ctx: Context, anew: Keyring, rows: Sequence[Row]) -> int:
    given, probed = await ctx.store.look_up(_ITEMS, [row["id"] for row in rows]), await _probed(ctx, rows)
    made = []
    for row in rows:
        if (opened := await _opened(ctx, row)) is not None:
            changes = _of_case(opened, given.get(row["id"], ()), anew)
            host = opened.locator.host
            asked = None if host is None else probed.pop(bytes(row["host_bidx"] or b""), None)
            made.append(Transition(ctx.now(), changes, *_asked(anew, host or "", asked)))
    for lost in await ctx.store.commit_all(made):
        if lost is not None:
            raise lost
    return len(made)


async def _probed(ctx: Context, rows: Sequence[Row]) -> dict[bytes, Row]:
    """Return which of the hosts of these cases were asked whether it is still there, by their index of before."""
    hosts = sorted({bytes(row["host_bidx"]) for row in rows if row["host_bidx"] is not None})
    found = await ctx.store.rows(select(probed_hosts).where(probed_hosts.c.host_bidx.in_(hosts))) if hosts else []
    return {bytes(row["host_bidx"]): row for row in found}


def _asked(anew: Keyring, host: str, row: Row | None) -> tuple[list[Add], list[Remove]]:
    """Return what keeps under another index when a host was asked last: it is asked once a day."""
    if row is None:
        return [], []
    kept = Add(probed_hosts, {**row, "host_bidx": anew.blind("host", host)})
    return [kept], [Remove(probed_hosts, {"host_bidx": row["host_bidx"]})]


async def _opened(ctx: Context, row: Row) -> Opened | None:
    try:
        return (await open_rows(ctx, [row])).get(row["id"])
    except Damaged:  # it was so before: `doctor`, and whoever opens it, say so
        get_log("intake").error("not_reindexed", of=row["id"])
        return None


def _of_case(opened: Opened, given: Sequence[Row], anew: Keyring) -> list[Change]:
    """Return what gives a case, its items and their reports other indexes."""
    marks = {"url_bidx": anew.blind("url", identity(opened.locator)), **site_marks(anew, opened.locator)}
    changes = [Change(cases, {"id": opened.id}, marks)]
    for row in given:
        secrets = item_secrets(opened.key, row["id"], row["sealed"])
        texts = (("reference_bidx", secrets.item_reference), ("parent_bidx", secrets.parent))
        values: dict[str, Any] = {
            name: anew.blind("reference", text) for name, text in texts if text is not None and row[name] is not None
        }
        values["account_bidx"] = account_mark(anew, secrets.account)
        of_report: Mapping[str, Any] = {"reference_bidx": anew.blind("reference", secrets.reference)}
        changes += [Change(items, {"id": row["id"]}, values), Change(reports, {"id": row["report_id"]}, of_report)]
    return changes


async def _embargoes(ctx: Context, anew: Keyring) -> int:
    changes = []
    for row in await ctx.store.rows(select(embargoes)):
        said = EmbargoSecrets.model_validate_json(ctx.keyring.open_record(FIELD, row["id"], row["sealed"]))
        _, marks = named(anew, EmbargoKind(row["kind"]), said.what, said.platform)
        changes.append(Change(embargoes, {"id": row["id"]}, {"marks": json.dumps([one.hex() for one in marks])}))
    await ctx.store.commit(Transition(ctx.now(), changes))
    return len(changes)
