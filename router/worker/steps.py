"""Which use-case runs when a case in a state comes due: the visible table."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from router.casework.context import Context
from router.casework.decide import step as decide
from router.casework.follow_up import step as follow_up
from router.casework.locate import step as locate
from router.store.base import Row, Transition
from schemas.states import CaseState

StepFunction = Callable[[Context, Row], Awaitable[Transition]]

STEPS: Final[Mapping[CaseState, StepFunction]] = {
    CaseState.RECEIVED: locate.run,
    CaseState.LOCATED: decide.run,
    CaseState.REFERRED: follow_up.run,
    CaseState.DESK: follow_up.run,  # a check comes due while people have the case
}
