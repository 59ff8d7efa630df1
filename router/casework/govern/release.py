"""Ask that a router which was put back from a backup works again; another person confirms it (`second_person`)."""

from typing import Final

import orjson

from router.casework.case.typed_reason import acted_of_house
from router.casework.context import Context
from router.casework.govern.paused import in_force, paused
from router.casework.govern.proposals import Proposed, adding, may_change
from router.errors import BadInput, Conflict, NotAllowed
from router.guard.mask import scrub
from router.store.base import Transition, with_beside
from schemas.actor import Actor
from schemas.proposal import RELEASE

_NO_LEDGER: Final = (
    "No ledger was given with this backup, so what was erased, recalled or sent after it is not known here: restore it"
    " again with --ledger FILE, or type with --reason why it is released without."
)
_TWO: Final = (
    "What was put back from a backup is released by two people: give your own token with --token (or ROUTER_TOKEN) to"
    " propose it, and have another account confirm it."
)


async def propose_release(ctx: Context, actor: Actor, reason: str | None) -> str:
    """Propose it; return the subject that another person confirms.

    Raise NotAllowed, BadInput (no ledger, and no reason instead), Conflict when this router works already.
    """
    may_change(actor, RELEASE)
    if actor.account is None:
        raise NotAllowed(_TWO, reason="two_people")
    waiting = await paused(ctx.store)
    if waiting is None:
        raise Conflict("This router works already; nothing is to be released.", reason="not_paused")
    if waiting.ledger is None and not (reason or "").strip():
        raise BadInput(_NO_LEDGER, field="reason", reason="no_ledger")
    wanted = {"released": True, "reason": None if reason is None else scrub(reason)}
    base = await in_force(ctx.store)
    proposed = Proposed(RELEASE, base, orjson.dumps({**orjson.loads(base or "{}"), **wanted}).decode())
    said = acted_of_house(ctx, "router.to_release", actor, reason) if reason else Transition(ctx.now())
    await ctx.store.commit(with_beside(said, await adding(ctx, [proposed], actor)))
    return RELEASE
