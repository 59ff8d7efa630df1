"""Referrals: the list, one of them with its attempts, and what staff do to it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from router.api.cases import Cursor
from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.desk import referral_acts, taken_back, unit_acts
from router.casework.desk.bundled import bundle_of
from router.casework.read import lists
from router.casework.read.numbers import check_for_url
from router.casework.read.seen_by import referral_seen_by, referrals_seen_by
from schemas.actor import Actor
from schemas.acts import Act, Answer, Choice, Hold, Receipt, TakenBack
from schemas.casefile import ReferralView
from schemas.pages import Page, ReferralsWanted
from schemas.word import Word

router = APIRouter(prefix="/v1/referrals", tags=["referrals"])
MayAct = Annotated[Actor, allow("referral:act")]
MayRead = Annotated[Actor, allow("referral:read")]


class Referrals(Page):
    """One page of referrals, newest first."""

    items: tuple[ReferralView, ...]


class Bundle(Word):
    """What left together to one police unit."""

    items: tuple[ReferralView, ...]


class ReferralsAsked(ReferralsWanted):
    """Which referrals, and which page of them."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


@router.get("")
async def list_referrals(ctx: Ctx, actor: MayRead, asked: Annotated[ReferralsAsked, Query()]) -> Referrals:
    """Return a page of referrals; `bundled` are those in bundles for police. `next` is the cursor of what follows."""
    check_for_url(asked.number)
    found = await lists.list_referrals(ctx, asked, cursor=asked.cursor, limit=asked.limit)
    seen = referrals_seen_by(found.items, actor.permissions)
    return Referrals(items=seen, total=found.total, more=found.more, next=found.next)


@router.get("/{referral_id}")
async def read(referral_id: UUID, ctx: Ctx, actor: MayRead) -> ReferralView:
    """Return one referral with its attempts, and the acts that the caller may do."""
    return referral_seen_by(await lists.referral(ctx, str(referral_id)), actor.permissions)


@router.get("/{referral_id}/bundle")
async def bundle(referral_id: UUID, ctx: Ctx, actor: MayRead) -> Bundle:
    """Return everything in a referral's bundle, itself first: what a unit's word may be about."""
    found = await bundle_of(ctx, str(referral_id))
    return Bundle(items=referrals_seen_by(found, actor.permissions))


@router.post("/{referral_id}/hold", openapi_extra=body.takes(Hold))
async def hold(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Keep a referral from leaving, until a date or until it is released."""
    act = await body.read(request, Hold)
    return await referral_acts.hold(ctx, str(referral_id), actor, act.reason, until=act.until, version=act.version)


@router.post("/{referral_id}/release", openapi_extra=body.takes(Act))
async def release(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Let a held referral leave now."""
    act = await body.read(request, Act)
    return await referral_acts.release(ctx, str(referral_id), actor, act.reason, version=act.version)


@router.post("/{referral_id}/override", openapi_extra=body.takes(Choice))
async def override(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Replace a referral by one to another partner, or to whoever serves a country; the answer is the new one."""
    act = await body.read(request, Choice)
    return await referral_acts.override(
        ctx, str(referral_id), actor, act.reason, partner=act.partner, country=act.country, version=act.version
    )


@router.post("/{referral_id}/retry", openapi_extra=body.takes(Act))
async def retry(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Send now what waits for a later try, was refused, expired, or may have arrived."""
    act = await body.read(request, Act)
    return await referral_acts.retry(ctx, str(referral_id), actor, act.reason, version=act.version)


@router.post("/{referral_id}/recall", openapi_extra=body.takes(Act))
async def recall(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Take a referral back. One that is being sent is `recall_pending` until its attempt has resolved."""
    act = await body.read(request, Act)
    return await referral_acts.recall(ctx, str(referral_id), actor, act.reason, version=act.version)


@router.post("/{referral_id}/taken-back", openapi_extra=body.takes(TakenBack))
async def confirmed(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Say that a partner, told by hand, confirmed that it dropped what was taken back."""
    return await taken_back.taken_back(ctx, str(referral_id), actor, await body.read(request, TakenBack))


@router.post("/{referral_id}/receipt", openapi_extra=body.takes(Receipt))
async def receipt(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Type the receipt that a police unit gave; of a bundle of several items, say for which."""
    return await unit_acts.receipt(ctx, str(referral_id), actor, await body.read(request, Receipt))


@router.post("/{referral_id}/answer", openapi_extra=body.takes(Answer))
async def answer(referral_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Type what a police unit says of what it has, and do what follows from it."""
    return await unit_acts.answer(ctx, str(referral_id), actor, await body.read(request, Answer))
