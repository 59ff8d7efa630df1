"""What is taken from a closed case when its time is over: its handles, its location, or all of it.

The location goes by shredding the case's key: everything that was sealed under it, also what people typed into the
audit chain, can never be read again, in no copy either whose master key is gone. What was sealed is emptied beside.
Blind indexes go too, so that nobody can ask whether a location was ever reported.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, select

from router.casework.case.sealed import ITEM, item_secrets, keys_of, seal
from router.casework.context import Context
from router.store.base import Change, Event, LookUp, Remove, Row, Transition, with_beside
from router.store.schema.tables import (
    actions,
    alarms,
    attempts,
    case_keys,
    case_numbers,
    cases,
    decisions,
    embargo_hits,
    follow_ups,
    hub_items,
    inbox,
    items,
    leases,
    legal_holds,
    part_actions,
    passed_on,
    probes,
    referrals,
    reports,
    second_looks,
    sightings,
    silent_traces,
    traces,
    trails,
    unit_answers,
    viewing_lines,
)
from schemas.retention import Kept

#: What is left of a sealed word.
_EMPTY: Final = b""
_ITEMS: Final = LookUp(select(items.c.id, items.c.case_id, items.c.report_id, items.c.sealed), items.c.case_id)
_SENT: Final = LookUp(select(referrals.c.id, referrals.c.case_id), referrals.c.case_id)
_TRAILS: Final = LookUp(select(trails.c.id, trails.c.case_id), trails.c.case_id)
_TRACES: Final = LookUp(select(traces.c.id, traces.c.case_id), traces.c.case_id)
_DECISIONS: Final = LookUp(select(decisions.c.id, decisions.c.case_id), decisions.c.case_id)
_INBOX: Final = LookUp(select(*(inbox.c[name] for name in ("peer", "referral_id", "case_id"))), inbox.c.case_id)
_HUB: Final = LookUp(select(hub_items.c.partner, hub_items.c.number, hub_items.c.case_id), hub_items.c.case_id)
_IN_REPORT: Final = LookUp(select(items.c.report_id, items.c.case_id), items.c.report_id)
#: What a partner was sent, and what its dialect keeps to go on: both hold the location, and a suspect's handle.
_UNSENT: Final = {"payload": None, "payload_digest": None, "progress": None}
_NO_LOCATION: Final[Mapping[str, Any]] = {
    "sealed": _EMPTY,
    "url_bidx": _EMPTY,
    "host_bidx": None,
    "domain_bidx": _EMPTY,
    "undo": None,
}
_NO_HANDLE: Final[Mapping[str, Any]] = {"account_bidx": None}
_NO_ITEM: Final[Mapping[str, Any]] = {"sealed": _EMPTY, "reference_bidx": None, "parent_bidx": None, **_NO_HANDLE}
#: What else is sealed of a case, and what is left of it.
_SEALED: Final[Sequence[tuple[Table, LookUp, Mapping[str, Any]]]] = (
    (traces, _TRACES, {"sealed": _EMPTY}),
    (decisions, _DECISIONS, {"sealed": None}),
    (referrals, _SENT, _UNSENT),
    (trails, _TRAILS, {"sealed": _EMPTY, "papers": None}),
    (inbox, _INBOX, {"returned": None}),
)
#: Whose rows of a case go with it. Its key is among them, and what a peer sent stays known, so that it stays answered.
_WHOLE: Final[Sequence[Table]] = (
    case_keys, case_numbers, items, traces, decisions, actions, part_actions, follow_ups, unit_answers, sightings,
    second_looks, silent_traces, probes, embargo_hits, alarms, referrals, legal_holds, leases, passed_on,
    trails, viewing_lines,
)  # fmt: skip


async def erased(ctx: Context, kept: Kept, rows: Sequence[Row], by: str) -> list[Transition]:
    """Return what erases this of each of these closed cases, a transition each: one that fails costs no other."""
    ids = [row["id"] for row in rows]
    given = await ctx.store.look_up(_ITEMS, ids)
    said = [_said(ctx, row, kept, by) for row in rows]
    made = await _MADE[kept](ctx, rows, given)
    return [with_beside(one, beside) for one, beside in zip(said, made, strict=True)]


def _said(ctx: Context, row: Row, kept: Kept, by: str) -> Transition:
    return Transition(ctx.now(), events=(Event("case.erased", by, row["id"], None, {"kept": kept}),))


async def _handles(ctx: Context, rows: Sequence[Row], given: Mapping[str, Sequence[Row]]) -> list[Transition]:
    ids = [row["id"] for row in rows]
    keys, sent = await keys_of(ctx, ids), await ctx.store.look_up(_SENT, ids)
    made: list[Transition] = []
    for row in rows:
        changes = [_marked(row, Kept.HANDLES), *_each(referrals, sent.get(row["id"], []), _UNSENT)]
        for item in given.get(row["id"], []) if row["id"] in keys else []:
            secrets = item_secrets(keys[row["id"]], item["id"], item["sealed"])
            if secrets.account is not None:
                left = secrets.model_copy(update={"account": None})
                sealed = seal(keys[row["id"]], ITEM, item["id"], left)
                changes.append(Change(items, {"id": item["id"]}, {"sealed": sealed, **_NO_HANDLE}))
        made.append(Transition(0, tuple(changes)))
    return made


async def _locations(ctx: Context, rows: Sequence[Row], given: Mapping[str, Sequence[Row]]) -> list[Transition]:
    ids = [row["id"] for row in rows]
    found = [(table, await ctx.store.look_up(asked, ids), emptied) for table, asked, emptied in _SEALED]
    made: list[Transition] = []
    for row in rows:
        changes = [_marked(row, Kept.URLS, _NO_LOCATION), *_each(items, given.get(row["id"], []), _NO_ITEM)]
        changes += [one for table, known, emptied in found for one in _each(table, known.get(row["id"], []), emptied)]
        made.append(Transition(0, tuple(changes), removes=(Remove(case_keys, {"case_id": row["id"]}),)))
    return made


def _each(table: Table, rows: Sequence[Row], values: Mapping[str, Any]) -> list[Change]:
    """Return the change of each of these rows, found by its primary key."""
    names = [column.name for column in table.primary_key]
    return [Change(table, {name: row[name] for name in names}, values) for row in rows]


async def _whole(ctx: Context, rows: Sequence[Row], given: Mapping[str, Sequence[Row]]) -> list[Transition]:
    ids = {row["id"] for row in rows}
    sent = await ctx.store.look_up(_SENT, ids)
    theirs = {item["report_id"] for one in given.values() for item in one}
    others = await ctx.store.look_up(_IN_REPORT, theirs)
    last = {report for report, found in others.items() if {one["case_id"] for one in found} <= ids}
    inboxes, hubs = await ctx.store.look_up(_INBOX, ids), await ctx.store.look_up(_HUB, ids)
    made: list[Transition] = []
    for row in rows:
        of_case, removes = {"case_id": row["id"]}, [Remove(cases, {"id": row["id"]})]
        removes += [Remove(table, of_case) for table in _WHOLE]
        removes += [Remove(attempts, {"referral_id": one["id"]}) for one in sent.get(row["id"], [])]
        reported = {item["report_id"] for item in given.get(row["id"], [])} & last
        removes += [Remove(reports, {"id": one}) for one in sorted(reported)]
        changes = _each(inbox, inboxes.get(row["id"], []), {"returned": None})
        changes += _each(hub_items, hubs.get(row["id"], []), {"case_id": None})
        made.append(Transition(0, tuple(changes), removes=tuple(removes)))
    return made


def _marked(row: Row, kept: Kept, also: Mapping[str, Any] | None = None) -> Change:
    return Change(cases, {"id": row["id"]}, {"erased": kept, **(also or {})}, row["version"])


_MADE: Final = {Kept.HANDLES: _handles, Kept.URLS: _locations, Kept.CASES: _whole}
