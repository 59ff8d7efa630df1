"""The audit chain: a page of its entries, and reading all of it back."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.context import Context
from router.casework.read import audit_log
from router.casework.read.audit import state as audit_state
from schemas.actor import Actor
from schemas.audit import AnchorsGiven, AuditChecked, AuditEntry, AuditRoot, EntriesWanted
from schemas.pages import Page

router = APIRouter(prefix="/v1/audit", tags=["audit"])

MayRead = Annotated[Actor, allow("audit:read")]
Cursor = Annotated[str, StringConstraints(max_length=100, pattern=r"^[0-9A-Za-z_-]+$")]


class Entries(Page):
    """One page of the chain, newest first."""

    items: tuple[AuditEntry, ...]


@router.get("", dependencies=[allow("audit:read")])
async def read(
    ctx: Ctx,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    day: date | None = None,
    case: UUID | None = None,
) -> Entries:
    """Return a page of entries: codes and counts. What people typed stays sealed with its case.

    `day` (of the house's calendar) and `case` narrow it.
    """
    wanted = EntriesWanted(day=day, case=None if case is None else str(case))
    found, following = await audit_log.trail(ctx, wanted, cursor=cursor, limit=limit)
    total, more = await audit_log.counted(ctx, wanted)
    return Entries(items=tuple(_view(one) for one in found), total=total, more=more, next=following)


@router.get("/verify")
async def verify(ctx: Ctx, actor: MayRead) -> AuditChecked:
    """Read the whole chain back against its links and its signed checkpoints; who did is kept."""
    return await _read_back(ctx, actor)


@router.post("/verify", openapi_extra=body.takes(AnchorsGiven))
async def verify_against(request: Request, ctx: Ctx, actor: MayRead) -> AuditChecked:
    """Read the whole chain back as GET does, and against roots that were kept elsewhere."""
    return await _read_back(ctx, actor, (await body.read(request, AnchorsGiven)).text)


@router.get("/root", dependencies=[allow("audit:read")])
async def root(ctx: Ctx) -> AuditRoot:
    """Return the newest checkpoint's root with its signature, for keeping it elsewhere."""
    return AuditRoot(**await audit_log.newest_root(ctx))


async def _read_back(ctx: Context, actor: Actor, given: str = "") -> AuditChecked:
    found = await audit_log.checked(ctx, given)
    await audit_state.note_verified(ctx, found, actor)
    return AuditChecked(
        ok=not found.findings,
        entries=found.entries,
        unsigned=found.unsigned,
        lost=found.lost,
        findings=found.findings,
    )


def _view(one: audit_log.AuditLine) -> AuditEntry:
    return AuditEntry(
        epoch=one.epoch,
        seq=one.seq,
        at=one.at,
        actor=one.actor,
        act=one.act,
        case=one.case,
        referral=one.referral,
        text=one.text,
        hash=one.hash,
        typed=one.typed,
        reason=one.reason,
    )
