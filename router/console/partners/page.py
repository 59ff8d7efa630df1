"""The directory as a page, and one partner: how it stands, why it waits, and the acts that pause it or end that."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.case.acts import SENDING
from router.casework.context import Context
from router.casework.govern import partner_check, pause, waiting_cases
from router.casework.govern.partner_check import PartnerChecked
from router.casework.govern.partners import health
from router.console import forms
from router.console.access import allow
from router.console.choices import partner_titles
from router.console.partners.words import ENDS, KIND
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from schemas.actor import Actor
from schemas.acts import PauseGiven
from schemas.word import Name

router = APIRouter()
PARTNER_ACTS: Final = {
    "pause": pause.pause,
    "resume": pause.resume,
    "decide-waiting": waiting_cases.decide_waiting,
}


async def _reach(ctx: Context, actor: Actor, name: str) -> PartnerChecked:
    (found,) = await partner_check.check_partners(ctx, actor, name)
    return found


_ASKED: Final = {"reach": _reach, "test": partner_check.rehearse}


@router.get("/partners")
async def partners(visit: Annotated[Visit, allow("partner:read")]) -> Response:
    """Return every partner, those that may receive first."""
    found = await health.all_partners(visit.ctx)
    return await visit.page("partners.html", found=found, kinds=KIND, ends=ENDS)


@router.get("/partners/{name}")
async def partner(visit: Annotated[Visit, allow("partner:read")], name: Name, done: str = "") -> Response:
    """Return one of them."""
    return await _shown(visit, name, done=done)


@router.post("/partners/{name}/{act}-it")
async def asked(visit: Annotated[Visit, allow("partner:write")], name: Name, act: str) -> Response:
    """Reach a partner without a word of a case, or send it a test where its system knows one."""
    if act not in _ASKED:
        raise NotFound
    await visit.fields()
    try:
        visit.confirm_fresh()
        found = await _ASKED[act](visit.ctx, visit.actor, name)
    except NotFound:
        raise
    except RouterError as problem:
        return await _shown(visit, name, status=problem.status, problem=problem)
    return await _shown(visit, name, found=found)


@router.get("/partners/{name}/waiting")
async def waiting(visit: Annotated[Visit, allow("case:read")], name: Name) -> Response:
    """Return the cases that a partner could have by now, and the one key that has them decided anew."""
    return await _waiting(visit, name)


@router.post("/partners/{name}/decide-waiting")
async def on_waiting(visit: Annotated[Visit, allow("desk:act")], name: Name) -> Response:
    """Have them decided anew."""
    fields = await visit.fields()
    try:
        given = forms.parse(fields, PauseGiven)
        visit.confirm_fresh()
        await waiting_cases.decide_waiting(visit.ctx, name, visit.actor, given.reason)
    except RouterError as problem:
        return await _waiting(visit, name, status=problem.status, problem=problem)
    return visit.go(f"/partners/{name}", done="decide-waiting")


async def _waiting(visit: Visit, name: str, *, status: int = 200, problem: RouterError | None = None) -> Response:
    found = await waiting_cases.waiting_cases(visit.ctx, name)
    return await visit.page(
        "waiting.html", status, found=found, titles=await partner_titles(visit.ctx), problem=problem
    )


@router.post("/partners/{name}/{act}")
async def on_partner(visit: Annotated[Visit, allow("stop:act")], name: Name, act: str) -> Response:
    """Pause a partner, or have it called again."""
    if act not in PARTNER_ACTS:
        raise NotFound
    fields = await visit.fields()
    try:
        given = forms.parse(fields, PauseGiven)
        if act in SENDING:
            visit.confirm_fresh()
        await PARTNER_ACTS[act](visit.ctx, name, visit.actor, given.reason)
    except NotFound:
        raise
    except RouterError as problem:
        return await _shown(visit, name, status=problem.status, problem=problem, typed=fields)
    return visit.go(f"/partners/{name}", done=act)


async def _shown(
    visit: Visit,
    name: str,
    *,
    status: int = 200,
    done: str = "",
    problem: RouterError | None = None,
    typed: Mapping[str, str] | None = None,
    found: PartnerChecked | None = None,
) -> Response:
    one = await health.one_partner(visit.ctx, name)
    return await visit.page(
        "partner.html",
        status,
        one=one,
        found=found,
        knows_a_test=partner_check.knows_a_test(visit.ctx, one.partner),
        kinds=KIND,
        ends=ENDS,
        done=done,
        problem=problem,
        typed=typed or {},
    )
