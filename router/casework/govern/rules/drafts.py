"""Drafted rules that analysts hand in: each waits until a supervisor publishes it or somebody takes it back.

What is kept is the wish (which case, always for what, to whom), not a text: the rule is drafted anew of the policy in
force whenever somebody looks. It does not end by itself, and publishing goes through the gates of any policy.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from router.casework.context import Context
from router.casework.govern import policy_change
from router.casework.govern import proposals as waiting
from router.casework.govern.rules.draft import draft
from router.clock import moment
from router.errors import Conflict
from router.guard.access import Permission, require
from router.store.base import Event, Row, Transition
from router.store.schema.partners import proposals
from schemas.actor import Actor
from schemas.draft import DraftGiven, DraftView
from schemas.governed import Published
from schemas.proposal import RULE

_MOVED = "Another version of the policy is in force meanwhile; look at the draft as it is now."


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A draft that waits."""

    id: str
    by: str
    since: datetime
    wish: DraftGiven


async def hand_in(ctx: Context, given: DraftGiven, actor: Actor) -> DraftView:
    """Keep what somebody wants always, for a supervisor; return it as it is now. Raise as `draft`, NotAllowed."""
    require(actor, Permission.POLICY_PROPOSE)
    made = await draft(ctx, given)
    wish = given.model_copy(update={"partner": made.partner}).model_dump_json()
    await ctx.store.commit(await waiting.adding(ctx, [waiting.Proposed(f"{RULE}{given.case}", None, wish)], actor))
    return made


async def of_case(ctx: Context, case_id: str) -> HandedIn | None:
    """Return the draft that waits of a case, if there is one."""
    rows = await ctx.store.rows(select(proposals).where(proposals.c.subject == f"{RULE}{case_id}"))
    return _handed_in(rows[0]) if rows else None


async def listed(ctx: Context) -> list[HandedIn]:
    """Return what waits, oldest first."""
    return [_handed_in(row) for row in await waiting.pending(ctx) if row["subject"].startswith(RULE)]


async def count(ctx: Context) -> int:
    """Return how many wait: said on every page of those who publish."""
    counted = select(func.count().label("n")).where(proposals.c.subject.startswith(RULE))
    return int((await ctx.store.rows(counted))[0]["n"])


async def publish(ctx: Context, row: Row, actor: Actor, over: int | None = None) -> Published:
    """Publish a rule that was handed in, as it is drafted now; `over` is the version that the caller saw it beside.

    Raise NotAllowed, Conflict (another version is in force), and as `draft` and `policy_change.publish`.
    """
    require(actor, Permission.POLICY_WRITE)
    made = await draft(ctx, _handed_in(row).wish)
    if over is not None and over != made.over:
        raise Conflict(_MOVED, reason="changed_meanwhile")
    return await policy_change.publish(ctx, made.text, actor, beside=answered(ctx, row, actor))


def answered(ctx: Context, row: Row, actor: Actor) -> Transition:
    """Return what takes a draft away since somebody publishes it."""
    event = Event("change.confirmed", actor.id, detail={"subject": row["subject"], "by": row["by"]})
    return Transition(ctx.now(), (waiting.unchanged(row),), removes=(waiting.gone(row),), events=(event,))


async def answered_if_waiting(ctx: Context, case_id: str, actor: Actor) -> Transition:
    """Return the same for a case of which a draft may wait: whoever publishes a rule of it has answered."""
    rows = await ctx.store.rows(select(proposals).where(proposals.c.subject == f"{RULE}{case_id}"))
    return answered(ctx, rows[0], actor) if rows else Transition(ctx.now())


def _handed_in(row: Row) -> HandedIn:
    return HandedIn(row["id"], row["by"], moment(row["since"]), DraftGiven.model_validate_json(row["body"]))
