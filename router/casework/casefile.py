"""One case as a step works on it: its row, its opened secrets, and everything that belongs to it."""

from dataclasses import dataclass

from sqlalchemy import select

from router.casework.context import Context
from router.casework.vault import CASE, case_secrets, item_secrets, key_of, seal, trace_of
from router.errors import NotFound
from router.guard.seal import CaseKey
from router.store.base import Row
from router.store.tables import cases, items, referrals, traces
from schemas.casefile import CaseSecrets, ItemSecrets
from schemas.locator import LocationKind, Locator
from schemas.trace import Trace


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with its secrets open, for the length of one step."""

    row: Row
    key: CaseKey
    secrets: CaseSecrets
    items: tuple[ItemSecrets, ...]

    @property
    def id(self) -> str:
        """Return the case's id."""
        return str(self.row["id"])

    @property
    def locator(self) -> Locator:
        """Return the location as it was read at intake."""
        known = self.secrets.model_dump(exclude={"origin_ip"})
        return Locator(kind=LocationKind(self.row["kind"]), **known)

    def sealed(self, secrets: CaseSecrets) -> bytes:
        """Return other secrets of this case, sealed for its row."""
        return seal(self.key, CASE, self.id, secrets)


async def open_case(ctx: Context, row: Row) -> Opened:
    """Return the case of a row with its secrets open. Raise NotFound when its key was erased."""
    key = await key_of(ctx, row["id"])
    found = await ctx.store.rows(select(items).where(items.c.case_id == row["id"]).order_by(items.c.id))
    given = tuple(item_secrets(key, one["id"], one["sealed"]) for one in found)
    return Opened(row, key, case_secrets(key, row["id"], row["sealed"]), given)


async def case_row(ctx: Context, case_id: str) -> Row:
    """Return the row of a case. Raise NotFound."""
    rows = await ctx.store.rows(select(cases).where(cases.c.id == case_id))
    if not rows:
        raise NotFound("There is no case with this id; check it.")
    return rows[0]


async def referral_rows(ctx: Context, case_id: str) -> list[Row]:
    """Return all referrals of a case, oldest first."""
    return await ctx.store.rows(select(referrals).where(referrals.c.case_id == case_id).order_by(referrals.c.id))


async def last_trace(ctx: Context, opened: Opened) -> Trace | None:
    """Return the case's last trace, or None when there is none."""
    if opened.row["trace_id"] is None:
        return None
    rows = await ctx.store.rows(select(traces).where(traces.c.id == opened.row["trace_id"]))
    return trace_of(opened.key, rows[0]["id"], rows[0]["sealed"]) if rows else None
