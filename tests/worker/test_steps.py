"""Every state in which a case can come due has its step."""

from router.worker.steps import STEPS
from schemas.states import CASE, CaseState


def test_every_open_state_has_a_step_and_a_closed_case_has_none() -> None:
    assert set(STEPS) == {state for state in CaseState if CASE[state]}
