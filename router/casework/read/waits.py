"""Why referrals wait at their partners: one look for any number of partners, in words for staff and scripts."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import moment_or_none
from router.delivery.partner_state import PartnerState
from router.delivery.why import Halted, Wait, why_it_waits
from router.policy.bars import may_be_called
from router.store.schema.tables import partner_state, stops
from schemas.casefile import WaitView
from schemas.partner import PartnerKind
from schemas.states import ReferralState

#: States in which the router is to call the partner of a referral: to send it, or to take it back there.
TO_BE_CALLED: Final = frozenset({ReferralState.WAITING, ReferralState.WITHDRAWING})


async def waits(ctx: Context, names: Collection[str]) -> Mapping[str, WaitView]:
    """Return by partner why nothing goes there now; a partner that is called as soon as something is due has none."""
    if not names:
        return {}
    wanted = select(partner_state).where(partner_state.c.partner.in_(sorted(names)))
    rows = {row["partner"]: row for row in await ctx.store.rows(wanted)}
    directory = await ctx.governance.directory()
    _, policy = await ctx.governance.policy()
    halted = {
        row["scope"]: Halted(row["scope"], row["since"])
        for row in await ctx.store.rows(select(stops.c.scope, stops.c.since))
    }
    found = {}
    for name in names:
        partner, state = directory.named(name), PartnerState.of(rows.get(name))
        bar = None if partner is None else may_be_called(partner, policy)
        police = partner is not None and partner.kind is PartnerKind.POLICE  # stopped only when they are named
        stop = halted.get(f"partner:{name}") or (None if police else halted.get("all"))
        found[name] = why_it_waits(name, partner, state, ctx.now(), bar=bar, stop=stop)
    return {name: _view(wait) for name, wait in found.items() if wait is not None}


def _view(wait: Wait) -> WaitView:
    return WaitView(code=wait.code, text=wait.text, since=moment_or_none(wait.since), until=moment_or_none(wait.until))
