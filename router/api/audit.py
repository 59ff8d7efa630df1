"""The audit chain: a page of its entries, and reading all of it back."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from router.api.protocol.access import Ctx, allow
from router.casework.read import audit_log
from schemas.audit import AuditChecked, AuditEntry
from schemas.pages import Page

router = APIRouter(prefix="/v1/audit", tags=["audit"])

Cursor = Annotated[str, StringConstraints(max_length=100, pattern=r"^[0-9A-Za-z_-]+$")]


class Entries(Page):
    """One page of the chain, newest first."""

    items: tuple[AuditEntry, ...]


@router.get("", dependencies=[allow("audit:read")])
async def read(
    ctx: Ctx,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Entries:
    """Return a page of entries: codes and counts. What people typed stays sealed with its case."""
    found, following = await audit_log.trail(ctx, cursor=cursor, limit=limit)
    return Entries(items=tuple(_view(one) for one in found), next=following)


@router.get("/verify", dependencies=[allow("audit:read")])
async def verify(ctx: Ctx) -> AuditChecked:
    """Read the whole chain back against its links and its signed checkpoints."""
    found = await audit_log.checked(ctx)
    return AuditChecked(ok=not found.findings, entries=found.entries, unsigned=found.unsigned, findings=found.findings)


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
    )
