"""The partner directory: who may receive, replacing it as a whole, and reaching partners to see whether they answer."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import AwareDatetime

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.believed import doubt
from router.casework.govern import directory_change, partner_check, pause
from router.casework.govern import waiting_cases as waiting
from router.casework.govern.partners import sheet
from router.casework.read.clocks import clocks_of_partners
from router.casework.read.waits import waits
from router.casework.retention.confirm_clock import confirm_clock
from router.errors import BadInput
from schemas.actor import Actor
from schemas.acts import PauseGiven
from schemas.casefile import WaitView
from schemas.governed import CheckedView, CheckGiven, DecidedAnew, Published, WaitingCases
from schemas.pages import Whole
from schemas.partner import Directory, Partner
from schemas.sheet import SheetFiles
from schemas.word import Name, Word

router = APIRouter(prefix="/v1/partners", tags=["partners"])
#: Bytes of a directory: twenty times the shipped one.
LIMIT: Final = 2 * 1024 * 1024
MayStop = Annotated[Actor, allow("stop:act")]
MayAct = Annotated[Actor, allow("desk:act")]
MayWrite = Annotated[Actor, allow("partner:write")]


class WaitingPartner(Word):
    """A partner that is not called now."""

    partner: str
    waits: WaitView


class WaitingPartners(Whole[WaitingPartner]):
    """The partners that are not called now."""


class Clocks(Word):
    """What time it is by the store's clock, and by how many seconds each partner's was ahead when it last said."""

    now: AwareDatetime
    partners: dict[str, int]
    doubt: str | None = None  #: why it is not believed: then no date ends anything


class CheckedPartners(Word):
    """What the check found."""

    items: tuple[CheckedView, ...]


@router.get("", dependencies=[allow("partner:read")])
async def read(ctx: Ctx) -> Directory:
    """Return the directory in force. Secrets are not in it; it names them only."""
    return await ctx.governance.directory()


@router.post("", openapi_extra=body.takes(Directory))
async def replace(request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Put a directory in force, whole, as far as it narrows; the rest waits for a second person."""
    given = await body.read(request, Directory, limit=LIMIT)
    return await directory_change.put_in_force(ctx, given, actor)


@router.put("/{name}", openapi_extra=body.takes(Partner))
async def put(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Add a partner, or replace the one of this name: what widens where data go waits for a second person."""
    given = await body.read(request, Partner, limit=LIMIT)
    if given.name != name:
        raise BadInput("The partner's name is not the one in the address; correct one of them.", field="name")
    return await directory_change.put_partner(ctx, given, actor)


@router.post("/{name}/enable", openapi_extra=body.takes(PauseGiven))
async def enable(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Propose that a partner may receive; a second person confirms it."""
    given = await body.read(request, PauseGiven)
    return await directory_change.switch(ctx, name, actor, given.reason, enabled=True)


@router.post("/{name}/disable", openapi_extra=body.takes(PauseGiven))
async def disable(name: Name, request: Request, ctx: Ctx, actor: MayWrite) -> Published:
    """Let a partner receive nothing from now on; the reason stands in its entry."""
    given = await body.read(request, PauseGiven)
    return await directory_change.switch(ctx, name, actor, given.reason, enabled=False)


@router.get("/waiting", dependencies=[allow("partner:read")])
async def waiting_partners(ctx: Ctx) -> WaitingPartners:
    """Return the enabled partners that are not called now, with why, since when, and what ends it."""
    names = {one.name for one in (await ctx.governance.directory()).partners if one.enabled}
    found = await waits(ctx, names)
    return WaitingPartners.of(WaitingPartner(partner=name, waits=found[name]) for name in sorted(found))


@router.get("/sheet", dependencies=[allow("partner:read")])
async def onboarding(ctx: Ctx) -> SheetFiles:
    """Return what a new partner is given, with its signatures: our name, addresses, key, what leaves and what never."""
    return await sheet.sheet(ctx)


@router.get("/clocks", dependencies=[allow("partner:read")])
async def clocks(ctx: Ctx) -> Clocks:
    """Return the time here, and how far partners' clocks are from it."""
    return Clocks(now=ctx.clock.now(), partners=dict(await clocks_of_partners(ctx)), doubt=await doubt(ctx))


@router.post("/clocks/confirm", status_code=204, openapi_extra=body.takes(PauseGiven))
async def clock_is_right(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("retention:act")]) -> None:
    """Say that the clock here is right, although it was moved or partners say otherwise: dates end things again."""
    await confirm_clock(ctx, actor, (await body.read(request, PauseGiven)).reason)


@router.post("/{name}/pause", status_code=204, openapi_extra=body.takes(PauseGiven))
async def pause_partner(name: Name, request: Request, ctx: Ctx, actor: MayStop) -> None:
    """Send nothing to a partner until it is resumed; what waits for it stays."""
    given = await body.read(request, PauseGiven)
    await pause.pause(ctx, name, actor, given.reason)


@router.post("/{name}/resume", status_code=204, openapi_extra=body.takes(PauseGiven))
async def resume_partner(name: Name, request: Request, ctx: Ctx, actor: MayStop) -> None:
    """End any pause of a partner, whoever or whatever began it."""
    given = await body.read(request, PauseGiven)
    await pause.resume(ctx, name, actor, given.reason)


@router.get("/{name}/waiting-cases", dependencies=[allow("case:read")])
async def waiting_cases(name: Name, ctx: Ctx) -> WaitingCases:
    """Return how many cases on the desk the partner could have by now, by why they wait. Nothing is changed."""
    return await waiting.waiting_cases(ctx, name)


@router.post("/{name}/decide-waiting", openapi_extra=body.takes(PauseGiven))
async def decide_waiting(name: Name, request: Request, ctx: Ctx, actor: MayAct) -> DecidedAnew:
    """Have those cases decided anew by the rules in force; each then leaves, or is proposed, as the policy says."""
    given = await body.read(request, PauseGiven)
    return DecidedAnew(decided=await waiting.decide_waiting(ctx, name, actor, given.reason))


@router.post("/check", openapi_extra=body.takes(CheckGiven))
async def check(request: Request, ctx: Ctx, actor: MayWrite) -> CheckedPartners:
    """Reach one partner, or all that are enabled, without sending anything about a case; or send one a test."""
    given = await body.read(request, CheckGiven)
    if given.rehearse:
        found = [await partner_check.rehearse(ctx, actor, given.partner)]
    else:
        found = await partner_check.check_partners(ctx, actor, given.partner)
    return CheckedPartners(items=tuple(CheckedView(partner=o.partner, ok=o.ok, text=o.text) for o in found))
