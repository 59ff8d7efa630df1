"""What is kept, and for how long: erase what its period is over for, and hold cases beyond it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.retention import legal_hold
from router.casework.retention.purge import erasures_known
from router.casework.retention.purge import purge as run
from schemas.actor import Actor
from schemas.pages import Page, Whole
from schemas.retention import ErasureView, HoldEnds, HoldGiven, HoldView, PurgeGiven, PurgeView

router = APIRouter(prefix="/v1/purge", tags=["retention"])
holds_router = APIRouter(prefix="/v1/holds", tags=["retention"])
May = Annotated[Actor, allow("retention:act")]
CaseId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class Erasures(Page):
    """A page of the record of what was erased, the newest first."""

    items: tuple[ErasureView, ...]


class Holds(Whole[HoldView]):
    """The cases that are held, the oldest hold first."""


@router.get("", dependencies=[allow("ops:read")])
async def show(ctx: Ctx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 1000) -> Erasures:
    """Return a page of the record of what was erased: how much of what, when, and by whom; the newest first."""
    found = await erasures_known(ctx, cursor=None if cursor is None else str(cursor), limit=limit)
    return Erasures(items=tuple(found.items), total=found.total, next=found.next)


@router.post("", openapi_extra=body.takes(PurgeGiven))
async def purge(request: Request, ctx: Ctx, actor: May) -> PurgeView:
    """Erase what the policy's periods are over for; with `dry_run`, say how much that would be.

    Where there is much, one answer is of a part: ask again with its `next` as `after`, until there is none.
    """
    given = await body.read(request, PurgeGiven)
    return await run(ctx, actor, dry_run=given.dry_run, after=given.after)


@holds_router.get("", dependencies=[allow("retention:act")])
async def holds(ctx: Ctx) -> Holds:
    """Return the cases that are kept beyond their time."""
    return Holds.of(await legal_hold.holds(ctx))


@holds_router.post("", status_code=201, openapi_extra=body.takes(HoldGiven))
async def hold(request: Request, ctx: Ctx, actor: May) -> HoldView:
    """Keep a case beyond its time."""
    given = await body.read(request, HoldGiven)
    return await legal_hold.hold(ctx, given.case, actor, given.reason)


@holds_router.post("/{case_id}/end", status_code=204, openapi_extra=body.takes(HoldEnds))
async def end(case_id: CaseId, request: Request, ctx: Ctx, actor: May) -> None:
    """End a hold: the case's period begins now."""
    await legal_hold.end(ctx, case_id, actor, (await body.read(request, HoldEnds)).reason)
