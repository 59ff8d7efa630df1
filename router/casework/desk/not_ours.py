"""A peer's referral is not ours: its sender is told why, and whose we believe it to be, and decides anew."""

from router.casework.case import given_back
from router.casework.case.close import closed
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import case_for, retry_on_conflict
from router.errors import Conflict
from router.store.base import Change, Transition, with_beside
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.acts import NotOurs
from schemas.vocabulary import Outcome, SourceKind

_NOTHING: str = "There is nobody to tell: no peer referred this case to us, or all of them were told."


@retry_on_conflict
async def not_ours(ctx: Context, case_id: str, actor: Actor, said: NotOurs) -> None:
    """Tell the peers that referred it. Where nobody else reported it, the case is closed; else it goes on here.

    Raise NotFound, Conflict.
    """
    case, _ = await case_for(ctx, case_id, said.version, "refer")
    if case["source_kind"] != SourceKind.PEER or case["given_back_at"] is not None:
        raise Conflict(_NOTHING, reason="not_now")
    event = await acted(ctx, "case.not_ours", actor, said.reason, case_id, country=said.country)
    told = Transition(ctx.now(), await given_back.given_back(ctx, case, said.reason, said.country))
    noted = {"given_back_at": ctx.now()}
    if await given_back.is_theirs_alone(ctx, case_id):
        rests_on = given_back.RESTS_ON.format(peer=case["source"])
        made = await closed(ctx, case, Outcome.UNRESOLVED, rests_on, actor.id, event, also=noted)
    else:
        change = Change(cases, {"id": case_id}, noted, case["version"])
        made = Transition(ctx.now(), (change,), events=(event,))
    await ctx.store.commit(with_beside(made, told))
