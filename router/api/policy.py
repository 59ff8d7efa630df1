"""The policy: the one in force, publishing another, and what another would have decided."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import select

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.decide import replay as replaying
from router.casework.govern import policy_change, second_person
from router.casework.govern.rules import draft as drafting
from router.casework.govern.rules import drafts, playground
from router.casework.govern.rules.hosts import unknown_hosts
from router.errors import NotFound
from router.store.schema.tables import policies
from schemas.actor import Actor
from schemas.decision import Decision
from schemas.draft import DraftGiven, DraftView
from schemas.governed import MAX_CHARACTERS, ChangedView, PolicyGiven, PolicyView, Published, ReplayGiven, UnknownHosts
from schemas.playground import TriedView, TryGiven
from schemas.proposal import RULE, ConfirmGiven
from schemas.word import Word

router = APIRouter(prefix="/v1/policy", tags=["policy"])
#: Bytes of a body that holds a policy: some of its characters are escaped.
LIMIT: Final = 2 * MAX_CHARACTERS


class Replayed(Word):
    """The decisions that would change."""

    items: tuple[ChangedView, ...]


@router.get("", dependencies=[allow("policy:read")])
async def read(ctx: Ctx) -> PolicyView:
    """Return the policy in force, as it was written."""
    rows = await ctx.store.rows(select(policies).order_by(policies.c.version.desc()).limit(1))
    if not rows:
        raise NotFound("No policy is in force yet; publish one.")
    return PolicyView(version=rows[0]["version"], text=rows[0]["body"])


@router.get("/unknown-hosts", dependencies=[allow("policy:read")])
async def read_unknown_hosts(ctx: Ctx) -> UnknownHosts:
    """Return the routes that name a host by an index that no case has, once indexes were made anew."""
    return await unknown_hosts(ctx)


@router.post("", openapi_extra=body.takes(PolicyGiven))
async def publish(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("policy:write")]) -> Published:
    """Put a policy in force. One that fails its own tests is refused; one that widens waits for another person."""
    given = await body.read(request, PolicyGiven, limit=LIMIT)
    return await policy_change.publish(ctx, given.text, actor)


@router.post("/replay", dependencies=[allow("policy:write")], openapi_extra=body.takes(ReplayGiven))
async def replay(request: Request, ctx: Ctx) -> Replayed:
    """Return which of the last decisions a policy would change. Nothing is changed by asking.

    It costs as much as the text likes, so it is for those who may publish one, and is judged in a process of its own.
    """
    given = await body.read(request, ReplayGiven, limit=LIMIT)
    found = await replaying.replay(ctx, given.text, given.limit)
    return Replayed(items=tuple(map(drafting.view, found)))


@router.post("/try", dependencies=[allow("policy:propose")], openapi_extra=body.takes(TryGiven))
async def try_out(request: Request, ctx: Ctx) -> TriedView:
    """Return what is wrong with a text, how its tests end, and what it would have changed. Nothing is kept of it."""
    return await playground.try_out(ctx, await body.read(request, TryGiven, limit=LIMIT))


@router.post("/draft", dependencies=[allow("policy:propose")], openapi_extra=body.takes(DraftGiven))
async def draft(request: Request, ctx: Ctx) -> DraftView:
    """Return a rule for all that is alike, drafted from what a person decided of a case. Nothing is in force by it."""
    return await drafting.draft(ctx, await body.read(request, DraftGiven))


@router.post("/drafts", openapi_extra=body.takes(DraftGiven))
async def hand_in(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("policy:propose")]) -> DraftView:
    """Hand a drafted rule in, as `rule:CASE` among the proposals: it waits there until a supervisor publishes it."""
    return await drafts.hand_in(ctx, await body.read(request, DraftGiven), actor)


@router.post("/drafts/{case_id}/withdraw", status_code=204, openapi_extra=body.takes(ConfirmGiven))
async def take_back(
    case_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("policy:propose")]
) -> None:
    """Take a draft back that was handed in: one's own, or any for those who publish."""
    await second_person.withdraw(ctx, f"{RULE}{case_id}", actor, (await body.read(request, ConfirmGiven)).id)


@router.get("/decisions/{case_id}", dependencies=[allow("case:read")])
async def last_decision(case_id: UUID, ctx: Ctx) -> Decision:
    """Return what was last decided on a case, with the path that led there."""
    return await replaying.last_decision(ctx, str(case_id))
