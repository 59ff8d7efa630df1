"""What staff do, as forms: one table of acts on a case, one of acts on a referral. Each has a reason and a version.

A form that was refused comes back with the case as it is now, the reason, and what had been typed.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.case.acts import SENDING
from router.casework.case.record import referral_rows
from router.casework.context import Context
from router.casework.desk import acknowledge as answer
from router.casework.desk import case_acts, leads_to, referral_acts, take_back, taken_back, taking, unit_acts
from router.casework.desk import handed_over as outside
from router.casework.desk import look as looks
from router.casework.desk import not_illegal as finding
from router.casework.desk import not_ours as back
from router.casework.desk.told_police import told_police
from router.casework.read import lists
from router.console import forms
from router.console.access import allow
from router.console.case import Attempted, refused
from router.console.forms import as_instant
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from router.guard.access import Permission, require
from router.store.base import Row
from schemas.actor import Actor
from schemas.acts import (
    Acknowledge,
    Act,
    Answer,
    Assess,
    Choice,
    Close,
    Done,
    HandedOver,
    Hold,
    Look,
    NotIllegal,
    NotOurs,
    Origin,
    Receipt,
    Refer,
    Send,
    Take,
    TakenBack,
    Target,
    ToldPolice,
    Undo,
)
from schemas.pages import DeskWanted
from schemas.states import ReferralState
from schemas.vocabulary import Assessment

router = APIRouter()
Fields: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class By:
    """Who acts on what."""

    ctx: Context
    id: str
    actor: Actor


async def _send(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Send)
    await case_acts.send(by.ctx, by.id, by.actor, said.reason, assessment=_assessed(by, said), version=said.version)


async def _refer(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Refer)
    assessed = _assessed(by, said)
    to = {"partner": said.partner, "country": said.country}
    await case_acts.refer(by.ctx, by.id, by.actor, said.reason, **to, assessment=assessed, version=said.version)


async def _not_ours(by: By, fields: Fields) -> None:
    await back.not_ours(by.ctx, by.id, by.actor, forms.parse(fields, NotOurs))


async def _handed_over(by: By, fields: Fields) -> None:
    await outside.handed_over(by.ctx, by.id, by.actor, forms.parse(as_instant(fields, by.ctx.zone, "at"), HandedOver))


async def _told_police(by: By, fields: Fields) -> None:
    await told_police(by.ctx, by.id, by.actor, forms.parse(as_instant(fields, by.ctx.zone, "at"), ToldPolice))


async def _assess(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Assess)
    require(by.actor, Permission.REPORT_ASSESS)
    await case_acts.assess(by.ctx, by.id, by.actor, said.reason, assessment=said.assessment, version=said.version)


async def _origin(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Origin)
    await case_acts.origin(by.ctx, by.id, by.actor, said.reason, ip=said.ip, version=said.version)


async def _target(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Target)
    await leads_to.target(by.ctx, by.id, by.actor, said.reason, location=said.location, version=said.version)


async def _acknowledge(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Acknowledge)
    require(by.actor, Permission.ALARM_ACT)
    typed = {"done": said.reason, "police_reference": said.police_reference}
    await answer.acknowledge(by.ctx, by.id, by.actor, **typed, version=said.version)


async def _not_illegal(by: By, fields: Fields) -> None:
    said = forms.parse(fields, NotIllegal)
    require(by.actor, Permission.REPORT_ASSESS)
    await finding.not_illegal(by.ctx, by.id, by.actor, reason=said.reason, version=said.version)


async def _take(by: By, fields: Fields) -> None:
    await taking.take(by.ctx, by.id, by.actor, over=forms.parse(fields, Take).over)


async def _pass_on(by: By, _fields: Fields) -> None:
    await taking.pass_on(by.ctx, by.id, by.actor)


async def _undo(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Undo)
    await take_back.undo(by.ctx, by.id, by.actor, reason=said.reason, version=said.version)


async def _done(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Done)
    await case_acts.done(by.ctx, by.id, by.actor, said.reason, code=said.code, version=said.version)


async def _look(by: By, fields: Fields) -> None:
    said = forms.parse(as_instant(fields, by.ctx.zone), Look)
    saw = (by.ctx, by.id, by.actor, said.reason)
    await looks.look(*saw, finding=said.finding, until=said.until, version=said.version)


async def _close(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Close)
    await case_acts.close(by.ctx, by.id, by.actor, said.reason, outcome=said.outcome, version=said.version)


async def _hold(by: By, fields: Fields) -> None:
    said = forms.parse(as_instant(fields, by.ctx.zone), Hold)
    await referral_acts.hold(by.ctx, by.id, by.actor, said.reason, until=said.until, version=said.version)


async def _override(by: By, fields: Fields) -> None:
    said = forms.parse(fields, Choice)
    to = {"partner": said.partner, "country": said.country}
    await referral_acts.override(by.ctx, by.id, by.actor, said.reason, **to, version=said.version)


async def _taken_back(by: By, fields: Fields) -> None:
    await taken_back.taken_back(by.ctx, by.id, by.actor, forms.parse(as_instant(fields, by.ctx.zone, "at"), TakenBack))


async def _receipt(by: By, fields: Fields) -> None:
    said = forms.parse(as_instant(_covered(fields), by.ctx.zone, "at"), Receipt)
    await unit_acts.receipt(by.ctx, by.id, by.actor, said)


async def _answer(by: By, fields: Fields) -> None:
    await unit_acts.answer(by.ctx, by.id, by.actor, forms.parse(as_instant(_covered(fields), by.ctx.zone), Answer))


def _plain(act: Callable[..., Awaitable[Any]]) -> Callable[[By, Fields], Awaitable[None]]:
    """Return an act that needs nothing but a reason."""

    async def run(by: By, fields: Fields) -> None:
        said = forms.parse(fields, Act)
        await act(by.ctx, by.id, by.actor, said.reason, version=said.version)

    return run


Run: TypeAlias = Callable[[By, Fields], Awaitable[None]]
#: Acts on a case, by the last part of their form's address.
CASE_ACTS: Final[Mapping[str, Run]] = {
    "acknowledge": _acknowledge,
    "send": _send,
    "refer": _refer,
    "handed-over": _handed_over,
    "told-police": _told_police,
    "not-ours": _not_ours,
    "assess": _assess,
    "ask": _plain(case_acts.ask),
    "done": _done,
    "reopen": _plain(take_back.reopen),
    "take": _take,
    "pass-on": _pass_on,
    "undo": _undo,
    "not-illegal": _not_illegal,
    "retrace": _plain(case_acts.retrace),
    "origin": _origin,
    "target": _target,
    "look": _look,
    "close": _close,
}
#: Acts on a referral.
REFERRAL_ACTS: Final[Mapping[str, Run]] = {
    "hold": _hold,
    "release": _plain(referral_acts.release),
    "override": _override,
    "retry": _plain(referral_acts.retry),
    "recall": _plain(referral_acts.recall),
    "taken-back": _taken_back,
    "receipt": _receipt,
    "answer": _answer,
}
#: Acts after which something leaves at once: the page that follows waits a moment for the receipt.
_LEAVES: Final = frozenset({"send", "refer", "release", "override", "retry"})
#: Seconds that page waits at most: a partner answers in well under one; whoever is slower is shown as on its way.
_PATIENCE: Final = 3.0


@router.post("/next")
async def following(visit: Annotated[Visit, allow("desk:act")]) -> Response:
    """Give this person the next item of the desk that nobody has; with none left, the desk says so."""
    await visit.fields()
    try:
        return visit.go(f"/cases/{await taking.next_item(visit.ctx, visit.actor, DeskWanted())}", done="next")
    except NotFound:
        return visit.go("/", done="none-left")


@router.post("/cases/{case_id}/acknowledge")
async def on_alarm(visit: Annotated[Visit, allow("alarm:act")], case_id: UUID) -> Response:
    """Say that somebody is on a case: the duty officer may, who does nothing else to it and sees no location."""
    return await _acted(visit, case_id, "acknowledge")


@router.post("/cases/{case_id}/told-police")
async def on_police(visit: Annotated[Visit, allow("alarm:act")], case_id: UUID) -> Response:
    """Say that the police were told of a case that rings: the duty officer may, likewise."""
    return await _acted(visit, case_id, "told-police")


@router.post("/cases/{case_id}/{act}")
async def on_case(visit: Annotated[Visit, allow("desk:act")], case_id: UUID, act: str) -> Response:
    """Do something to a case."""
    if act not in CASE_ACTS:
        raise NotFound
    return await _acted(visit, case_id, act)


async def _acted(visit: Visit, case_id: UUID, act: str) -> Response:
    fields = await visit.fields()
    try:
        if act in SENDING:
            visit.confirm_fresh()
        await CASE_ACTS[act](By(visit.ctx, str(case_id), visit.actor), fields)
    except NotFound:
        raise
    except RouterError as problem:
        return await refused(visit, str(case_id), problem, Attempted(act, fields))
    if fields.get("back") == "desk":
        return visit.go("/", done=act, case=str(case_id))
    await _settled(visit.ctx, str(case_id), act)
    return visit.go(f"/cases/{case_id}", done=act)


@router.post("/referrals/{referral_id}/{act}")
async def on_referral(visit: Annotated[Visit, allow("referral:act")], referral_id: UUID, act: str) -> Response:
    """Do something to a referral."""
    if act not in REFERRAL_ACTS:
        raise NotFound
    fields = await visit.fields()
    case_id = (await lists.referral(visit.ctx, str(referral_id))).case
    try:
        if act in SENDING:
            visit.confirm_fresh()
        await REFERRAL_ACTS[act](By(visit.ctx, str(referral_id), visit.actor), fields)
    except RouterError as problem:
        return await refused(visit, case_id, problem, Attempted(act, fields, str(referral_id)))
    await _settled(visit.ctx, case_id, act)
    return visit.go(f"/cases/{case_id}", done=act)


def _assessed(by: By, said: Send | Refer) -> Assessment | None:
    """Return the assessment in the same key, from those only who may assess. Raise NotAllowed."""
    if said.assessment is not None:
        require(by.actor, Permission.REPORT_ASSESS)
    return said.assessment


def _covered(fields: Fields) -> Fields:
    """Return a form that says which items of a bundle are meant: one choice of it is two fields of the word."""
    said = fields.get("covers")
    return {**fields, said: "true"} if said in {"whole", "only"} else fields


async def _settled(ctx: Context, case_id: str, act: str) -> None:
    """Wait a moment for the worker, so that the next page shows the receipt without a script that reloads it."""
    until = time.monotonic() + _PATIENCE
    while act in _LEAVES and (left := until - time.monotonic()) > 0:
        mark = ctx.store.mark()
        rows = await referral_rows(ctx, case_id)
        if not any(_on_its_way(row, ctx.now()) for row in rows):
            return
        await ctx.store.wait_for_work(left, mark)


def _on_its_way(row: Row, now: int) -> bool:
    """Return whether a referral is due or leaves just now; while it is being sent, its date is the lease's end."""
    due: bool = row["state"] == ReferralState.WAITING and row["next_at"] <= now
    return due or row["state"] == ReferralState.SENDING
