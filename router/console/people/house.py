"""Who is here: accounts, until when each may see locations, where they are signed in, and what a leaver could know."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter
from starlette.responses import Response

from router.casework.people import accounts, farewell, links, mandates, signed_in, tokens
from router.console import forms
from router.console.access import allow
from router.console.visit import Visit
from router.errors import NotFound, RouterError
from router.guard.access import ROLES, Permission, require
from schemas.account import AccountGiven, RoleGiven
from schemas.actor import Role
from schemas.people import MandateGiven

router = APIRouter()
Fields: TypeAlias = Mapping[str, str]


async def _add(visit: Visit, fields: Fields) -> None:
    given = forms.parse(fields, AccountGiven)
    await tokens.add_account(visit.ctx, given.name, given.role, visit.actor)


async def _role(visit: Visit, fields: Fields) -> None:
    given = forms.parse(fields, RoleGiven)
    await accounts.change_role(visit.ctx, fields.get("account", ""), given.role, visit.actor)


async def _close(visit: Visit, fields: Fields) -> None:
    await accounts.close_account(visit.ctx, fields.get("account", ""), visit.actor)


async def _sign_out(visit: Visit, fields: Fields) -> None:
    await signed_in.sign_out(visit.ctx, fields.get("account", ""), visit.actor)


async def _mandate(visit: Visit, fields: Fields) -> None:
    await mandates.give(visit.ctx, fields.get("account", ""), forms.parse(fields, MandateGiven), visit.actor)


async def _end_mandate(visit: Visit, fields: Fields) -> None:
    await mandates.end(visit.ctx, fields.get("id", ""), visit.actor)


async def _tick(visit: Visit, fields: Fields) -> None:
    await farewell.tick_off(visit.ctx, fields.get("id", ""), visit.actor)


async def _agree(visit: Visit, fields: Fields) -> None:
    await links.agree(visit.ctx, fields.get("id", ""), visit.actor)


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done about a person, who may do it, and whether they show again who they are."""

    needs: Permission
    run: Callable[[Visit, Fields], Awaitable[None]]
    fresh: bool = True


ACTS: Final[Mapping[str, _Act]] = {
    "add": _Act(Permission.ACCOUNT_WRITE, _add),
    "role": _Act(Permission.ACCOUNT_WRITE, _role),
    "close": _Act(Permission.ACCOUNT_WRITE, _close, fresh=False),
    "sign-out": _Act(Permission.ACCOUNT_WRITE, _sign_out, fresh=False),
    "mandate": _Act(Permission.MANDATE_GIVE, _mandate),
    "end-mandate": _Act(Permission.MANDATE_GIVE, _end_mandate, fresh=False),
    "agree": _Act(Permission.LINK_AGREE, _agree),
    "tick": _Act(Permission.PEOPLE_ACT, _tick, fresh=False),
}


@router.get("/people")
async def people(visit: Annotated[Visit, allow("people:act")], done: str = "") -> Response:
    """Return who is here."""
    return await _page(visit, done=done)


@router.post("/people/{act}")
async def on_people(visit: Annotated[Visit, allow("people:act")], act: str) -> Response:
    """Do something about a person: what narrows asks nothing more, what lets somebody do more asks for a code."""
    if act not in ACTS:
        raise NotFound
    fields = await visit.fields()
    try:
        require(visit.actor, ACTS[act].needs)
        if ACTS[act].fresh:
            visit.confirm_fresh()
        await ACTS[act].run(visit, fields)
    except RouterError as problem:
        return await _page(visit, problem=problem)
    return visit.go("/people", done=act)


async def _page(visit: Visit, *, done: str = "", problem: RouterError | None = None) -> Response:
    listed = await accounts.list_accounts(visit.ctx)
    given = await mandates.all_mandates(visit.ctx)
    return await visit.page(
        "people.html",
        200 if problem is None else problem.status,
        accounts=listed,
        mandates={one.name: [each for each in given if each.account == one.name and each.in_force] for one in listed},
        looks={role.value: Permission.CASE_REVEAL in ROLES[role] for role in Role},
        asked_of_all=visit.ctx.door.settings.mandates,
        left=await farewell.farewells_of(visit.ctx, open_only=True),
        asking=await links.asking(visit.ctx),
        roles=list(Role),
        done=done,
        problem=problem,
    )
