"""One case as a step works on it: its row, its opened secrets, and everything that belongs to it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, select

from router.casework.case.sealed import CASE, case_secrets, chain_of, hosted_of, item_secrets, keys_of, seal, trace_of
from router.casework.context import Context
from router.errors import Damaged, NotFound
from router.guard.seal import CaseKey
from router.store.base import LookUp, Row
from router.store.schema.tables import cases, items, referrals, traces
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.locator import LocationKind, Locator
from schemas.states import CaseState
from schemas.trace import Hosted, Trace

#: Short links that lead to short links: as long a way as a chain of names may be.
LONGEST_WAY: Final = 16
_CASES: Final = LookUp(select(cases), cases.c.id)
#: A case's last trace, whatever a turn began with.
_NEWEST: Final = LookUp(
    select(cases.c.id, traces.c.id.label("trace"), traces.c.sealed).join(traces, traces.c.id == cases.c.trace_id),
    cases.c.id,
)
_ITEMS: Final = LookUp(
    select(items.c.id, items.c.case_id, items.c.report_id, items.c.sealed).order_by(items.c.added_at, items.c.id),
    items.c.case_id,
)
_REFERRALS: Final = LookUp(select(referrals).order_by(referrals.c.created_at, referrals.c.id), referrals.c.case_id)
_REFERRED: Final = LookUp(select(referrals.c.case_id).distinct(), referrals.c.case_id)
_TRACES: Final = LookUp(select(traces.c.id, traces.c.sealed), traces.c.id)


#: The key of each case, by its id, and what its row keeps sealed.
Known = Mapping[str, tuple[CaseKey, CaseSecrets]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with its secrets open, for the length of one step."""

    row: Row
    key: CaseKey
    secrets: CaseSecrets
    items: tuple[ItemSecrets, ...]
    reports: tuple[str, ...] = ()  #: the ids of the reports that its items are of, the first one first

    @property
    def id(self) -> str:
        """Return the case's id."""
        return str(self.row["id"])

    @property
    def locator(self) -> Locator:
        """Return the location as it was read at intake, and that what it shows a copy of has a case of its own."""
        known = self.secrets
        return Locator(
            kind=LocationKind(self.row["kind"]),
            canonical=known.canonical,
            host=known.host,
            no_host=known.no_host,
            registrable_domain=known.registrable_domain,
            itself=known.leads_to is not None,
            flags=known.flags,
        )

    def sealed(self, secrets: CaseSecrets) -> bytes:
        """Return other secrets of this case, sealed for its row."""
        return seal(self.key, CASE, self.id, secrets)


async def open_case(ctx: Context, row: Row) -> Opened:
    """Return the case of a row with its secrets open. Raise NotFound when its key was erased."""
    found = await open_rows(ctx, [row])
    if not found:
        raise NotFound("The case was erased.")
    return found[row["id"]]


async def open_cases(ctx: Context, case_ids: Iterable[str]) -> dict[str, Opened]:
    """Return cases by id with their secrets open; what was erased is left out. Three look-ups at once."""
    ids = list(dict.fromkeys(case_ids))
    rows, beside = await asyncio.gather(case_rows(ctx, ids), _beside(ctx, ids))
    return _all_opened(rows.values(), beside)


async def open_rows(ctx: Context, rows: Sequence[Row], known: Known | None = None) -> dict[str, Opened]:
    """Return the cases of rows by id, as `open_cases` does; where somebody opened them, `known` is what is in them."""
    if known is None:
        return _all_opened(rows, await _beside(ctx, [row["id"] for row in rows]))
    of_items = await ctx.store.look_up(_ITEMS, known)
    opened = ((row, *known[row["id"]]) for row in rows if row["id"] in known)
    return {row["id"]: _with_items(row, key, secrets, of_items.get(row["id"], ())) for row, key, secrets in opened}


async def _beside(ctx: Context, ids: Sequence[str]) -> tuple[Mapping[str, CaseKey], Mapping[str, Sequence[Row]]]:
    """Return the keys and the items of cases, asked for at once."""
    return await asyncio.gather(keys_of(ctx, ids), ctx.store.look_up(_ITEMS, ids))


def _all_opened(
    rows: Iterable[Row], beside: tuple[Mapping[str, CaseKey], Mapping[str, Sequence[Row]]]
) -> dict[str, Opened]:
    keys, given = beside
    return {
        row["id"]: _opened(row, key, given.get(row["id"], ()))
        for row in rows
        if (key := keys.get(row["id"])) is not None
    }


def _opened(row: Row, key: CaseKey, given: Sequence[Row]) -> Opened:
    return _with_items(row, key, case_secrets(key, row["id"], row["sealed"]), given)


def _with_items(row: Row, key: CaseKey, secrets: CaseSecrets, given: Sequence[Row]) -> Opened:
    told = tuple(item_secrets(key, one["id"], one["sealed"]) for one in given)
    return Opened(row, key, secrets, told, tuple(one["report_id"] for one in given))


async def case_row(ctx: Context, case_id: str) -> Row:
    """Return the row of a case. Raise NotFound."""
    rows = await case_rows(ctx, [case_id])
    if not rows:
        raise NotFound("There is no case with this id; check it.")
    return rows[case_id]


async def case_rows(ctx: Context, case_ids: Iterable[str]) -> dict[str, Row]:
    """Return the rows of cases by id; what is not there is left out."""
    return {case_id: rows[0] for case_id, rows in (await ctx.store.look_up(_CASES, case_ids)).items()}


async def is_reported_anew(ctx: Context, case: Row) -> bool:
    """Tell whether the location of a closed case was reported again since, and has another case that is open."""
    if case["state"] != CaseState.CLOSED:
        return False
    again = and_(cases.c.url_bidx == case["url_bidx"], cases.c.state != CaseState.CLOSED)
    return bool(await ctx.store.rows(select(cases.c.id).where(again).limit(1)))


async def referral_rows(ctx: Context, case_id: str) -> list[Row]:
    """Return all referrals of a case, oldest first."""
    return (await ctx.store.look_up(_REFERRALS, [case_id])).get(case_id, [])


async def referred_among(ctx: Context, case_ids: Iterable[str]) -> frozenset[str]:
    """Return those of these cases that have a referral, whatever became of it."""
    return frozenset(await ctx.store.look_up(_REFERRED, case_ids))


async def last_trace(ctx: Context, opened: Opened) -> Trace | None:
    """Return the case's last trace, or None when there is none."""
    rows = await _trace_rows(ctx, [opened])
    return trace_of(opened.key, rows[0][1]["id"], rows[0][1]["sealed"]) if rows else None


async def last_hosted(ctx: Context, opened: Sequence[Opened]) -> dict[str, Hosted]:
    """Return what a referral tells of the last trace of each case that has one, by the case's id."""
    rows = await _trace_rows(ctx, opened)
    return {one.id: hosted_of(one.key, row["id"], row["sealed"]) for one, row in rows}


async def reached_by(ctx: Context, opened: Sequence[Opened]) -> list[frozenset[str]]:
    """Return the names by which each case's host was reached when it was traced last, as its row says by now.

    None of a trace that is damaged: what is told of that one fails by itself.
    """
    found = await ctx.store.look_up(_NEWEST, [one.id for one in opened])
    return [_names(one.key, found.get(one.id, ())) for one in opened]


def _names(key: CaseKey, rows: Iterable[Row]) -> frozenset[str]:
    with suppress(Damaged):
        return frozenset(name for row in rows for name in chain_of(key, row["trace"], row["sealed"]).reached_by())
    return frozenset()


async def _trace_rows(ctx: Context, opened: Sequence[Opened]) -> list[tuple[Opened, Row]]:
    keys = {one.row["trace_id"]: one for one in opened if one.row["trace_id"] is not None}
    if not keys:
        return []
    found = await ctx.store.look_up(_TRACES, keys)
    return [(keys[trace_id], rows[0]) for trace_id, rows in found.items()]
