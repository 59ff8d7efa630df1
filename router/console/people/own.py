"""How somebody signs in: their password, their authenticator app, and the codes they keep on paper."""

from typing import Annotated, Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from router.casework.people import exposure, factors, news, oidc, signed_in, tokens
from router.clock import moment_or_none
from router.console import forms
from router.console.access import allow
from router.console.visit import Visit
from router.errors import RouterError
from router.guard.signin import totp
from schemas.account import SignOut

router = APIRouter()


@router.get("/me/access")
async def ways_in(visit: Annotated[Visit, allow("token:own")], done: str = "") -> Response:
    """Return what the person signs in with; never a secret of it."""
    return await _page(visit, done=done)


@router.post("/me/access/password")
async def password(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Set the person's password."""
    fields = await visit.fields()
    try:
        visit.confirm_fresh()
        await factors.set_password(
            visit.ctx, visit.session.account, fields.get("password", ""), keep=visit.session.digest
        )
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return visit.go("/me/access", done="password")


@router.post("/me/access/app")
async def begin_app(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Show a fresh secret, once: as a picture for the phone, and to be typed."""
    await visit.fields()
    try:
        visit.confirm_fresh()
        secret = await factors.begin_app(visit.ctx, visit.session.account)
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return await _page(visit, secret=secret)


@router.post("/me/access/app/confirm")
async def confirm_app(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Put it in force, and show the recovery codes, once."""
    fields = await visit.fields()
    try:
        codes = await factors.confirm_app(
            visit.ctx, visit.session.account, fields.get("code", ""), keep=visit.session.digest
        )
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return await _page(visit, codes=codes)


@router.post("/me/access/codes")
async def new_codes(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Show new recovery codes, once; the old ones end."""
    await visit.fields()
    try:
        visit.confirm_fresh()
        codes = await factors.new_codes(visit.ctx, visit.session.account, keep=visit.session.digest)
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return await _page(visit, codes=codes)


@router.post("/me/access/known")
async def known(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Note that the person knows what they were told of accounts."""
    await visit.fields()
    await news.know(visit.ctx, visit.session.account.id, visit.session.id)
    return visit.go("/me/access", done="known")


@router.post("/me/access/end")
async def end(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """End one of the person's sessions, or all but this one."""
    fields = await visit.fields()
    try:
        one = forms.parse(fields, SignOut).session
        await signed_in.sign_out(visit.ctx, visit.session.account.name, visit.actor, one, keep=visit.session.digest)
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return visit.go("/me/access", done="ended")


@router.post("/me/access/end-token")
async def end_token(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """End one of the tokens that act in the person's name."""
    fields = await visit.fields()
    try:
        await tokens.end_own(visit.ctx, visit.session.account, fields.get("token", ""))
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return visit.go("/me/access", done="ended")


@router.get("/me/exposure")
async def own_exposure(visit: Annotated[Visit, allow("token:own")]) -> Response:
    """Return how often the person looked, for themselves."""
    return await _exposure(visit, visit.session.account.name)


@router.get("/exposure")
async def exposure_of_all(visit: Annotated[Visit, allow("exposure:read")]) -> Response:
    """Return how often each person looked, for the wellbeing lead."""
    return await _exposure(visit, None)


async def _exposure(visit: Visit, name: str | None) -> Response:
    days = await exposure.exposure(visit.ctx, name)
    limits = visit.ctx.door.exposure
    return await visit.page("exposure.html", days=days, own=name is not None, limits=limits, shown=exposure.SHOWN)


async def _page(
    visit: Visit, *, done: str = "", problem: RouterError | None = None, secret: str = "", codes: tuple[str, ...] = ()
) -> Response:
    account = visit.session.account
    has = await factors.held(visit.ctx, account.id)
    address = totp.address(secret, account.name, visit.ctx.me) if secret else ""
    given: dict[str, Any] = {
        "has": has,
        "password_at": moment_or_none(has.password_at),
        "app_at": moment_or_none(has.app_at),
        "secret": secret,
        "picture": Markup(totp.picture(address)) if secret else "",  # noqa: S704 - made here, of an address of ours
        "codes": codes,
        "provider": visit.ctx.door.provider,
        "connected": await oidc.connected(visit.ctx, account.id),
        "open_sessions": await signed_in.signed_in(visit.ctx, account.name, visit.session.digest),
        "own_tokens": await tokens.own_tokens(visit.ctx, account),
        "done": done,
        "problem": problem,
    }
    return await visit.page("access.html", 200 if problem is None else problem.status, **given)
