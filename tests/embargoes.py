"""People who may set embargoes, and embargoes set in a line."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from router.casework.context import Context
from router.casework.govern import embargoes, second_person
from router.casework.people import tokens
from router.errors import Conflict
from schemas.actor import ROUTER, Role
from schemas.embargo import EmbargoGiven, EmbargoKind, EmbargoSet
from tests.casebook import ANNA
from tests.office import person

BOB, CLEO = person("bob", Role.SUPERVISOR), person("cleo", Role.ANALYST)
REASON = "a raid on the hoster, told by the examining magistrate"
ASKED_BY, THEIRS = "Federal Police, unit 7", "BR.99/2026"


async def people(ctx: Context) -> None:
    """Give anna and bob, supervisors, and cleo, an analyst, their accounts."""
    for one in (ANNA, BOB, CLEO):
        with suppress(Conflict):  # they are here already
            await tokens.add_account(ctx, one.account or "", one.role or Role.ANALYST, ROUTER)


async def embargo(ctx: Context, kind: str, what: str, *, days: float = 10, **more: Any) -> EmbargoSet:
    """Have anna set one."""
    await people(ctx)
    given = {"asked_by": ASKED_BY, "reference": THEIRS, "reason": REASON, **more}
    until = ctx.clock.now() + timedelta(days=days)
    return await embargoes.add(ctx, EmbargoGiven(kind=EmbargoKind(kind), what=what, until=until, **given), ANNA)


async def ended(ctx: Context, embargo_id: str) -> None:
    """Have anna propose its end, and bob confirm it."""
    await embargoes.end(ctx, embargo_id, None, ANNA)
    await second_person.confirm(ctx, f"embargo:{embargo_id}", BOB)
