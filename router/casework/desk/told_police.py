"""The police were told of a case that rings: who is on duty says so, whether or not they may see its location.

It is the same hand-over as `handed_over`, to a police unit alone, and it answers less. Whoever files it is on it, so
the ringing stops; but what people are asked of the case stays open for somebody who sees it: what the police were told
at night is no answer to where it is hosted, or to whom else it goes.
"""

from typing import Final

from router.casework.case.record import case_row, referral_rows
from router.casework.context import Context
from router.casework.desk.acknowledge import NO_ALARM, answered_alarms
from router.casework.desk.act import retry_on_conflict
from router.casework.desk.handed_over import Beside, Filed, filed
from router.casework.read.case_file import units_to_tell
from router.errors import BadInput, Conflict
from router.store.base import Event
from schemas.actor import Actor
from schemas.acts import ToldPolice
from schemas.casefile import ReferralView
from schemas.partner import PartnerKind
from schemas.states import CaseState

_WHICH: Final = "Say which unit: {units}."
_NOBODY: Final = "Every police unit of the directory has this case, or is being sent it; see its referrals."


@retry_on_conflict
async def told_police(ctx: Context, case_id: str, actor: Actor, said: ToldPolice) -> ReferralView:
    """Write down that a police unit was told. Raise NotFound, BadInput (which unit?), Conflict (nothing rings)."""
    case = await case_row(ctx, case_id)
    if case["desk_alarm"] is None or case["state"] != CaseState.DESK:
        raise Conflict(NO_ALARM, reason="not_now")
    unit = said.partner or await _only_unit(ctx, case_id)
    found = (await ctx.governance.directory()).named(unit)
    if found is None or found.kind is not PartnerKind.POLICE:
        raise BadInput("Name a police unit; `cases handed-over` is for all others.", field="partner")
    values, changes = await answered_alarms(ctx, case, actor)
    events = (Event("case.acknowledged", actor.id, case_id, None, {"desk": case["desk_code"]}),) if values else ()
    filing = Filed(unit, said.reference, said.at, said.reason, said.version)
    return await filed(ctx, case_id, actor, filing, Beside(values, tuple(changes), events), answers=frozenset())


async def _only_unit(ctx: Context, case_id: str) -> str:
    units = await units_to_tell(ctx, await referral_rows(ctx, case_id))
    if not units:
        raise Conflict(_NOBODY, reason="duplicate")
    if len(units) > 1:
        raise BadInput(_WHICH.format(units=", ".join(units)), field="partner", reason="which")
    return units[0]
