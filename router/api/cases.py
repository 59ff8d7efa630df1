"""Cases: the list, one whole file, the desk, and what staff do to a case. Locations are masked unless revealed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints

from router.api.protocol import body
from router.api.protocol.access import Ctx, allow
from router.casework.deliver.will_leave import with_what_leaves
from router.casework.desk import acknowledge as answer
from router.casework.desk import case_acts, leads_to, take_back, taking
from router.casework.desk import handed_over as outside
from router.casework.desk import look as looks
from router.casework.desk import not_illegal as finding
from router.casework.desk import not_ours as back
from router.casework.desk.told_police import told_police
from router.casework.read import case_file, lists
from router.casework.read.find import find
from router.casework.read.numbers import check_for_url
from router.casework.read.seen_by import file_seen_by, referral_seen_by, referrals_seen_by
from router.guard.access import Permission, require
from schemas.actor import Actor
from schemas.acts import (
    Acknowledge,
    Act,
    Assess,
    Close,
    Done,
    HandedOver,
    Look,
    Next,
    NotIllegal,
    NotOurs,
    Origin,
    PassOn,
    Refer,
    Reveal,
    Send,
    Take,
    Target,
    ToldPolice,
    Undo,
)
from schemas.casefile import CaseFile, CaseSummary, DeskEntry, ReferralView
from schemas.pages import CasesWanted, DeskWanted, Page, Reading, Sought
from schemas.vocabulary import Assessment
from schemas.word import Word

router = APIRouter(prefix="/v1/cases", tags=["cases"])

#: Where the last page ended, as it was given; nothing else is a cursor.
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
MayAct = Annotated[Actor, allow("desk:act")]


class Cases(Page):
    """One page of cases, newest first."""

    items: tuple[CaseSummary, ...]


class FoundCases(Cases):
    """One page of what was found, as what the text was read, and what it names besides."""

    read_as: Reading
    also: tuple[Reading, ...] = ()


class Linked(Word):
    """A case: of the place that a short link leads to, or the next item of the desk."""

    case: str


class Desk(Page):
    """One page of the desk."""

    items: tuple[DeskEntry, ...]


class CasesAsked(CasesWanted):
    """Which cases, and which page of them."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class DeskAsked(DeskWanted):
    """What of the desk, and which page of it."""

    cursor: Annotated[str, StringConstraints(pattern=r"^[rda](\.[0-9]{1,18}){1,2}\.[0-9a-f-]{36}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


@router.get("", dependencies=[allow("case:read")])
async def list_cases(ctx: Ctx, asked: Annotated[CasesAsked, Query()]) -> Cases:
    """Return a page of cases, masked. `next` is the cursor of the following page."""
    check_for_url(asked.number)
    found = await lists.list_cases(ctx, asked, cursor=asked.cursor, limit=asked.limit)
    return Cases(items=tuple(found.items), total=found.total, more=found.more, next=found.next)


@router.get("/desk")
async def list_desk(
    ctx: Ctx, actor: Annotated[Actor, allow("case:read")], asked: Annotated[DeskAsked, Query()]
) -> Desk:
    """Return a page of what waits for people: urgent first, then oldest, unless another order is asked for."""
    check_for_url(asked.number)
    found = await lists.desk(ctx, asked, cursor=asked.cursor, limit=asked.limit, reader=actor)
    return Desk(items=tuple(found.items), total=found.total, more=found.more, next=found.next)


@router.get("/{case_id}")
async def read(case_id: UUID, ctx: Ctx, actor: Annotated[Actor, allow("case:read")]) -> CaseFile:
    """Return all that is kept of a case, masked, with the acts that the caller may do."""
    file = await with_what_leaves(ctx, await case_file.case_file(ctx, str(case_id), reader=actor))
    return file_seen_by(file, actor.permissions)


@router.post("/{case_id}/reveal", openapi_extra=body.takes(Reveal))
async def reveal(case_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("case:reveal")]) -> CaseFile:
    """Return a case with its location in full. Logged with the reason in the audit chain."""
    given = await body.read(request, Reveal)
    file = await case_file.case_file(ctx, str(case_id), reveal_to=actor, reason=given.reason, anyway=given.anyway)
    return file_seen_by(await with_what_leaves(ctx, file), actor.permissions)


@router.post("/search", openapi_extra=body.takes(Sought))
async def search(request: Request, ctx: Ctx, actor: Annotated[Actor, allow("case:read")]) -> FoundCases:
    """Return the cases that a text means. A location or a host takes `case:reveal` as well; it stands in no address."""
    asked = await body.read(request, Sought)
    found = await find(ctx, asked.text, actor, cursor=asked.cursor, limit=asked.limit)
    page = {"items": tuple(found.items), "total": found.total, "more": found.more, "next": found.next}
    return FoundCases(**page, read_as=found.read_as, also=found.also)


@router.post("/next", openapi_extra=body.takes(Next))
async def next_item(request: Request, ctx: Ctx, actor: MayAct) -> Linked:
    """Have the next item of the desk that nobody has: it is the caller's for half an hour."""
    given = await body.read(request, Next)
    return Linked(case=await taking.next_item(ctx, actor, DeskWanted(**given.model_dump())))


@router.post("/{case_id}/take", status_code=204, openapi_extra=body.takes(Take))
async def take(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Have an item of the desk before oneself for half an hour, so that nobody else is given it."""
    await taking.take(ctx, str(case_id), actor, over=(await body.read(request, Take)).over)


@router.post("/{case_id}/pass-on", status_code=204, openapi_extra=body.takes(PassOn))
async def pass_on(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Not me, not today: give it back, and be given others until midnight. Nobody asks why, or counts it."""
    await body.read(request, PassOn)
    await taking.pass_on(ctx, str(case_id), actor)


@router.post("/{case_id}/acknowledge", status_code=204, openapi_extra=body.takes(Acknowledge))
async def acknowledge(case_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("alarm:act")]) -> None:
    """Say that somebody is on a case that rings; what was done, and a police number, may follow later."""
    act = await body.read(request, Acknowledge)
    said = {"done": act.reason, "police_reference": act.police_reference}
    await answer.acknowledge(ctx, str(case_id), actor, **said, version=act.version)


@router.post("/{case_id}/send", openapi_extra=body.takes(Send))
async def send(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> list[ReferralView]:
    """Send a case to whom the policy proposes; `assessment` says what it is in the same step."""
    act = await body.read(request, Send)
    assessment = _assessed(act, actor)
    made = await case_acts.send(ctx, str(case_id), actor, act.reason, assessment=assessment, version=act.version)
    return list(referrals_seen_by(made, actor.permissions))


def _assessed(act: Send | Refer, actor: Actor) -> Assessment | None:
    """Return the assessment given in the same step, from those only who may assess. Raise NotAllowed."""
    if act.assessment is not None:
        require(actor, Permission.REPORT_ASSESS)
    return act.assessment


@router.post("/{case_id}/refer", openapi_extra=body.takes(Refer))
async def refer(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Refer a case to a partner, or to whoever serves a country; `assessment` says what it is in the same step."""
    act = await body.read(request, Refer)
    to, assessment = {"partner": act.partner, "country": act.country}, _assessed(act, actor)
    made = await case_acts.refer(ctx, str(case_id), actor, act.reason, **to, assessment=assessment, version=act.version)
    return referral_seen_by(made, actor.permissions)


@router.post("/{case_id}/handed-over", openapi_extra=body.takes(HandedOver))
async def handed_over(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> ReferralView:
    """Write down that a partner has a case by another way: a web page, a portal, the telephone."""
    view = await outside.handed_over(ctx, str(case_id), actor, await body.read(request, HandedOver))
    return referral_seen_by(view, actor.permissions)


@router.post("/{case_id}/told-police", openapi_extra=body.takes(ToldPolice))
async def told(case_id: UUID, request: Request, ctx: Ctx, actor: Annotated[Actor, allow("alarm:act")]) -> ReferralView:
    """Write down that the police were told of a case that rings: it is acknowledged, and stays with people."""
    view = await told_police(ctx, str(case_id), actor, await body.read(request, ToldPolice))
    return referral_seen_by(view, actor.permissions)


@router.post("/{case_id}/not-ours", status_code=204, openapi_extra=body.takes(NotOurs))
async def not_ours(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Tell the peer that referred a case that it is not ours, why, and whose it is believed to be."""
    await back.not_ours(ctx, str(case_id), actor, await body.read(request, NotOurs))


@router.post("/{case_id}/assess", status_code=204, openapi_extra=body.takes(Assess))
async def assess(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Say what the material is; the case is decided anew. Needs `report:assess` as well."""
    act = await body.read(request, Assess)
    require(actor, Permission.REPORT_ASSESS)
    await case_acts.assess(ctx, str(case_id), actor, act.reason, assessment=act.assessment, version=act.version)


@router.post("/{case_id}/not-illegal", status_code=204, openapi_extra=body.takes(NotIllegal))
async def not_illegal(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Say that what one saw is not illegal: the case ends, or a second person looks. Needs `report:assess` as well."""
    act = await body.read(request, NotIllegal)
    require(actor, Permission.REPORT_ASSESS)
    await finding.not_illegal(ctx, str(case_id), actor, reason=act.reason, version=act.version)


@router.post("/{case_id}/reopen", status_code=204, openapi_extra=body.takes(Act))
async def reopen(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Open a closed case again: people have it, and it has no outcome."""
    act = await body.read(request, Act)
    await take_back.reopen(ctx, str(case_id), actor, act.reason, version=act.version)


@router.post("/{case_id}/undo", status_code=204, openapi_extra=body.takes(Undo))
async def undo(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Undo the last act on a case, while nothing of it has left and nothing came after."""
    act = await body.read(request, Undo)
    await take_back.undo(ctx, str(case_id), actor, reason=act.reason, version=act.version)


@router.post("/{case_id}/ask", status_code=204, openapi_extra=body.takes(Act))
async def ask(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Put a case that is with its partners on the desk; what is on its way goes on."""
    act = await body.read(request, Act)
    await case_acts.ask(ctx, str(case_id), actor, act.reason, version=act.version)


@router.post("/{case_id}/done", status_code=204, openapi_extra=body.takes(Done))
async def done(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Say that what one question of the desk asks for is done; the others stay open."""
    act = await body.read(request, Done)
    await case_acts.done(ctx, str(case_id), actor, act.reason, code=act.code, version=act.version)


@router.post("/{case_id}/retrace", status_code=204, openapi_extra=body.takes(Act))
async def retrace(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Trace a case again and decide anew."""
    act = await body.read(request, Act)
    await case_acts.retrace(ctx, str(case_id), actor, act.reason, version=act.version)


@router.post("/{case_id}/origin", status_code=204, openapi_extra=body.takes(Origin))
async def origin(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Name the address behind a CDN, as its operator said; the case is decided anew."""
    act = await body.read(request, Origin)
    await case_acts.origin(ctx, str(case_id), actor, act.reason, ip=act.ip, version=act.version)


@router.post("/{case_id}/target", openapi_extra=body.takes(Target))
async def target(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> Linked:
    """Say where a link leads: that place becomes a linked case, and the link's own is closed as moved.

    One that shows a copy of the place goes on, as a location of its own.
    """
    act = await body.read(request, Target)
    linked = await leads_to.target(ctx, str(case_id), actor, act.reason, location=act.location, version=act.version)
    return Linked(case=linked)


@router.post("/{case_id}/look", status_code=204, openapi_extra=body.takes(Look))
async def look(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Record what a person saw who looked whether it is gone."""
    act = await body.read(request, Look)
    by = (ctx, str(case_id), actor, act.reason)
    await looks.look(*by, finding=act.finding, until=act.until, version=act.version)


@router.post("/{case_id}/close", status_code=204, openapi_extra=body.takes(Close))
async def close(case_id: UUID, request: Request, ctx: Ctx, actor: MayAct) -> None:
    """Close a case with its outcome; what has not left never leaves."""
    act = await body.read(request, Close)
    await case_acts.close(ctx, str(case_id), actor, act.reason, outcome=act.outcome, version=act.version)
