"""Which use-case runs when a case in a state comes due: the visible table."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from router.casework.case.gate import unless_held
from router.casework.context import Context
from router.casework.decide import at_once
from router.casework.decide import step as decide
from router.casework.decide.at_once import Free
from router.casework.follow_up import step as follow_up
from router.errors import Conflict
from router.store.base import Row, Transition
from schemas.embargo import Way
from schemas.states import CaseState

#: Returns what is to be committed; several are tried in their order, until one loses no fence.
StepFunction = Callable[[Context, Row], Awaitable[Transition | tuple[Transition, ...]]]

_followed_up: Final = unless_held(Way.CHECK)(follow_up.run)
STEPS: Final[Mapping[CaseState, StepFunction]] = {
    CaseState.RECEIVED: unless_held(Way.LOOK_UP)(at_once.run),
    CaseState.LOCATED: decide.run,  # asks nobody outside; what it chooses is held before it leaves
    CaseState.REFERRED: _followed_up,
    CaseState.DESK: _followed_up,  # a check comes due while people have the case
}


async def advance(ctx: Context, row: Row, free: Free | None = None) -> None:
    """Run the step of a claimed case's state and commit what it says. Raise Conflict when staff were faster.

    `free` is a received case as it was opened with its batch: nothing holds it, so no step gives way.
    """
    said = await (STEPS[CaseState(row["state"])](ctx, row) if free is None else at_once.run(ctx, row, free))
    *before, last = (said,) if isinstance(said, Transition) else said
    for one in before:
        with suppress(Conflict):
            await ctx.store.commit(one)
            return
    await ctx.store.commit(last)
