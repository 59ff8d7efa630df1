"""A new master key while the router works: every wrapped key is wrapped anew, and the old master goes N days later.

What is done stands in the rows themselves: each says by which master it was wrapped. So a run that was cut is gone on
with by the next one, two at once do no harm, and nothing is ever unreadable in between. A process that still knows the
old master only meets the new one in a row, or looks at the key file within seconds, whichever comes first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, select

from router.casework.believed import ended_by
from router.casework.case.embargo import FIELD as EMBARGOED
from router.casework.case.given_back import FIELD as RETURNED
from router.casework.case.typed_reason import FIELD as SAID
from router.casework.context import Context
from router.casework.deliver.stops import FIELD as STOPPED
from router.casework.govern.pause import FIELD as PAUSED
from router.casework.govern.proposals import REASON
from router.casework.govern.requests import FIELD as ASKED
from router.casework.people.factors import BEGUN, IN_FORCE
from router.errors import Conflict, Damaged
from router.guard.log import get_log
from router.guard.master import changing, load_keys, write
from router.guard.seal import Keyring
from router.store.base import Change, Event, Row, Store, Transition
from router.store.schema.audit import house_reasons
from router.store.schema.partners import partner_pauses
from router.store.schema.tables import case_keys, embargoes, factors, inbox, proposals, requests, stops

#: How long a master key that was replaced still opens what it wrapped: replicas, archived journals and copies of the
#: database may have its rows. Afterwards no copy of them is usable. Our own choice (DESIGN section 9).
FORMER: Final = timedelta(days=30)
#: Rows in one commit.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Record:
    """A column that is sealed under the master key itself, what its seal names, and the field."""

    sealed: Column[bytes]
    named_by: Column[str]
    field: str


RECORDS: Final[tuple[Record, ...]] = (
    Record(stops.c.sealed, stops.c.scope, STOPPED),
    Record(house_reasons.c.sealed, house_reasons.c.id, SAID),
    Record(partner_pauses.c.sealed, partner_pauses.c.partner, PAUSED),
    Record(proposals.c.sealed, proposals.c.id, REASON),
    Record(embargoes.c.sealed, embargoes.c.id, EMBARGOED),
    Record(factors.c.app, factors.c.account_id, IN_FORCE),
    Record(factors.c.app_new, factors.c.account_id, BEGUN),
    Record(requests.c.sealed, requests.c.id, ASKED),
    Record(inbox.c.returned, inbox.c.referral_id, RETURNED),
)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    is_new: bool  #: False where it went on with one that was cut
    rows: int  #: wrapped or sealed anew
    until: int  #: when the former master key is taken out of the key file, in microseconds


async def rotate(ctx: Context, path: Path, told: Callable[[int], None], *, former: timedelta = FORMER) -> Rotated:
    """Put a new master key in force and wrap everything by it; `path` is the key file, `former` the N of the old one.

    `told` hears how many rows were done. What nothing opens is left as it is. Raise CannotStart, StoreUnavailable.
    """
    ctx.keyring.follow(now=True)
    is_new = not await _is_any_left(ctx)
    until = ctx.now() + former // timedelta(microseconds=1)
    with changing(path) as keys:
        if is_new:
            write(path, keys.replaced(until))
        elif keys.former:
            until = keys.former[0][1]
    ctx.keyring.follow(now=True)
    done = await wrap_anew(ctx.store, ctx.keyring, ctx.now(), told)
    while more := await wrap_anew(ctx.store, ctx.keyring, ctx.now(), told):
        done += more  # other processes wrapped by the old one meanwhile
    event = Event("keys.rotated", "local", detail={"rows": done})
    await ctx.store.commit(Transition(ctx.now(), events=[event]))
    return Rotated(is_new, done, until)


async def retire(ctx: Context) -> bool:
    """Take a former master key out of the key file whose time is over; tell whether there was one.

    Nothing of the database is wrapped by it any more: what other processes wrapped in the seconds of the rotation is
    wrapped anew before.
    """
    now, path = ctx.now(), ctx.key_file
    if path is None or all(until > now for _, until in load_keys(path).former):
        return False
    over = await ended_by(ctx)
    if all(until > over for _, until in load_keys(path).former):
        return False  # by a clock that is not believed
    while await wrap_anew(ctx.store, ctx.keyring, now, lambda _: None) > 0:
        pass
    with changing(path) as keys:
        write(path, keys.without(over))
    ctx.keyring.follow(now=True)
    await ctx.store.commit(Transition(now, events=[Event("keys.retired", "local")]))
    return True


async def wrap_anew(store: Store, keyring: Keyring, now: int, told: Callable[[int], None]) -> int:
    """Wrap by the newest master what another one wrapped; return how many rows that were."""
    done, after = 0, ""
    while page := await _page(store, after):
        changes = [
            Change(case_keys, {"case_id": row["case_id"]}, {"wrapped": wrapped}, guard={"wrapped": row["wrapped"]})
            for row in page
            if (wrapped := _opened(row["case_id"], keyring.rewrapped, row["case_id"], row["wrapped"])) is not None
        ]
        await _commit(store, changes, now)
        done, after = done + len(changes), page[-1]["case_id"]
        told(done)
    for record in RECORDS:
        changes = await _resealed(store, keyring, record)
        await _commit(store, changes, now)
        done += len(changes)
    return done


def _opened(name: str, anew: Callable[..., bytes | None], *of: object) -> bytes | None:
    """Return what is kept in the place of one; None where nothing is to be changed, or nothing can be opened."""
    try:
        return anew(*of)
    except Damaged:  # it was so before: `doctor`, and whoever opens it, say so
        get_log("govern").error("not_rotated", of=name)
        return None


async def _page(store: Store, after: str) -> list[Row]:
    wanted = select(case_keys).where(case_keys.c.case_id > after).order_by(case_keys.c.case_id).limit(_AT_ONCE)
    return await store.rows(wanted)


async def _resealed(store: Store, keyring: Keyring, record: Record) -> list[Change]:
    table = record.sealed.table
    keys = [*table.primary_key.columns]
    names = dict.fromkeys([*(one.name for one in keys), record.named_by.name, record.sealed.name])
    rows = await store.rows(select(*(table.c[name] for name in names)).where(record.sealed.is_not(None)))
    changes = []
    for row in rows:
        was = row[record.sealed.name]
        sealed = _opened(record.field, keyring.resealed, record.field, row[record.named_by.name], was)
        if sealed is not None:
            key: dict[str, Any] = {one.name: row[one.name] for one in keys}
            changes.append(Change(table, key, {record.sealed.name: sealed}, guard={record.sealed.name: was}))
    return changes


async def _commit(store: Store, changes: Sequence[Change], now: int) -> None:
    """Commit them together; where one of them was erased or changed at that moment, each by itself."""
    if not changes:
        return
    try:
        await store.commit(Transition(now, changes))
    except Conflict:
        for outcome in await store.commit_all([Transition(now, [one]) for one in changes]):
            if outcome is not None and not isinstance(outcome, Conflict):
                raise outcome from None


async def _is_any_left(ctx: Context) -> bool:
    """Tell whether a rotation was cut: something is wrapped by another master than the newest."""
    after = ""
    while page := await _page(ctx.store, after):
        for row in page:
            if _opened(row["case_id"], ctx.keyring.rewrapped, row["case_id"], row["wrapped"]) is not None:
                return True
        after = page[-1]["case_id"]
    return False
