"""Why referrals wait: one look for any number of partners or referrals, in words for staff and scripts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select

from router.casework.case.gate import Held
from router.casework.context import Context
from router.casework.referral.row import AT_ITS_CAP
from router.clock import moment_or_none
from router.delivery.partner_state import PartnerState
from router.delivery.why import Halted, Wait, full, why_it_waits
from router.policy.bars import may_be_called
from router.store.base import Row
from router.store.schema.tables import audit, partner_state, stops
from schemas.casefile import WaitCode, WaitView
from schemas.partner import Directory, PartnerKind
from schemas.policy import Policy
from schemas.states import ReferralState

#: States in which the router is to call the partner of a referral: to send it, or to take it back there.
TO_BE_CALLED: Final = frozenset({ReferralState.WAITING, ReferralState.WITHDRAWING})
#: The ranks that no partner's daily cap holds (`worker/sending`, lane urgent).
_URGENT: Final = (0, 1)
_HELD: Final = "Staff hold it back; `referrals release {id}` lets it go."
_HELD_BY_ROUTE: Final = "The route {route} holds it back; `referrals release {id}` lets it go before its date."
_ROUTE: Final = "Sending by the route {route} is stopped; lift the stop."
_SOURCE: Final = "Its source has sent this partner all it may in a day; `referrals retry {id}` sends it now."
_AGAIN: Final = "The last try failed and is made again by itself; `referrals retry {id}` makes it now."


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds partners and routes at this moment."""

    directory: Directory
    policy: Policy
    rows: Mapping[str, Row]  #: of `partner_state`
    halted: Mapping[str, Halted]
    now: int

    def state(self, name: str) -> PartnerState:
        """Return what is remembered of a partner."""
        return PartnerState.of(self.rows.get(name))

    def partner(self, name: str) -> Wait | None:
        """Return why nothing at all goes to a partner."""
        partner = self.directory.named(name)
        bar = None if partner is None else may_be_called(partner, self.policy)
        police = partner is not None and partner.kind is PartnerKind.POLICE  # stopped only when they are named
        stop = self.halted.get(f"partner:{name}") or (None if police else self.halted.get("all"))
        return why_it_waits(name, partner, self.state(name), self.now, bar=bar, stop=stop)


async def waits(ctx: Context, names: Collection[str]) -> Mapping[str, WaitView]:
    """Return by partner why nothing goes there now; a partner that is called as soon as something is due has none.

    One that has got all it takes in a day still gets what is urgent, and says so.
    """
    if not names:
        return {}
    around = await _around(ctx, names)
    found = {name: around.partner(name) or _full(around, name) for name in names}
    return {name: _view(wait) for name, wait in found.items() if wait is not None}


async def referral_waits(ctx: Context, rows: Sequence[Row], held: Mapping[str, Held]) -> Mapping[str, WaitView]:
    """Return by id why each of these referrals has not left; one that is due and may leave has no reason, and none.

    `held` is what holds their cases, by the case's id.
    """
    rows = [row for row in rows if row["state"] == ReferralState.HELD or row["state"] in TO_BE_CALLED]
    if not rows:
        return {}
    around = await _around(ctx, {row["partner"] for row in rows})
    since = await _held_since(ctx, [row for row in rows if row["state"] == ReferralState.HELD])
    found = {row["id"]: _why(around, row, since, held.get(row["case_id"])) for row in rows}
    return {one: _view(wait) for one, wait in found.items() if wait is not None}


def _why(around: _Around, row: Row, since: Mapping[str, int], held: Held | None) -> Wait | None:
    """Ask in the order in which it can be ended: what people did to it, its route or its partner; then dates.

    An embargo stands before all else: nothing that anybody does to the referral lets it go.
    """
    kept = held is not None and held.keeps_from(row["partner"])
    if held is not None and kept and held.by:
        return _held(held)
    if row["state"] == ReferralState.HELD:
        text = _HELD if row["hold_reason"] == "staff" else _HELD_BY_ROUTE
        told = text.format(id=row["id"], route=row["route"])
        return Wait(WaitCode.HELD, told, since.get(row["id"], row["created_at"]), row["hold_until"])
    if held is not None and kept:
        return _held(held)
    if (stop := around.halted.get(f"route:{row['route']}")) is not None:
        return Wait(WaitCode.ROUTE_STOPPED, _ROUTE.format(route=row["route"]), stop.since)
    return around.partner(row["partner"]) or _dated(around, row)


def _held(held: Held) -> Wait:
    return Wait(held.reason, held.text, held.since, held.until)


def _dated(around: _Around, row: Row) -> Wait | None:
    later = row["next_at"] is not None and row["next_at"] > around.now
    if row["state"] != ReferralState.WAITING:
        return None
    if later and row["last_reason"] == AT_ITS_CAP:
        return Wait(WaitCode.SOURCE_CAP, _SOURCE.format(id=row["id"]), None, row["next_at"])
    if later and row["last_reason"] is not None:
        since = row["first_sent_at"] or row["created_at"]
        return Wait(WaitCode.TRIED_AGAIN, _AGAIN.format(id=row["id"]), since, row["next_at"], row["last_reason"])
    begun = row["progress_step"] is not None
    return None if later or begun or row["rank"] in _URGENT else _full(around, row["partner"])


def _full(around: _Around, name: str) -> Wait | None:
    partner = around.directory.named(name)
    return None if partner is None else full(partner, around.state(name), around.now)


async def _around(ctx: Context, names: Collection[str]) -> _Around:
    wanted = select(partner_state).where(partner_state.c.partner.in_(sorted(names)))
    rows = {row["partner"]: row for row in await ctx.store.rows(wanted)}
    _, policy = await ctx.governance.policy()
    halted = {
        row["scope"]: Halted(row["scope"], row["since"])
        for row in await ctx.store.rows(select(stops.c.scope, stops.c.since))
    }
    return _Around(await ctx.governance.directory(), policy, rows, halted, ctx.now())


async def _held_since(ctx: Context, rows: Sequence[Row]) -> Mapping[str, int]:
    """Return by id when staff last held a referral; one that a route held was held from its beginning."""
    if not rows:
        return {}
    of_cases = and_(audit.c.case_id.in_(sorted({row["case_id"] for row in rows})), audit.c.act == "referral.held")
    last = select(audit.c.referral_id, func.max(audit.c.at).label("at")).where(of_cases).group_by(audit.c.referral_id)
    return {row["referral_id"]: row["at"] for row in await ctx.store.rows(last)}


def _view(wait: Wait) -> WaitView:
    return WaitView(
        code=wait.code,
        text=wait.text,
        reason=wait.reason,
        since=moment_or_none(wait.since),
        until=moment_or_none(wait.until),
    )
