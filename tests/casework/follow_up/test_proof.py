"""What a partner's word proves, over every reason there is and over words that nobody knows."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.follow_up.proof import ended, lacks_access, last_word
from schemas.exchange import ActionStatement
from schemas.vocabulary import ACTION_REASONS, ActionReason, ActionType, Outcome, action_reason
from tests.office import START

#: ICCAM's ids: what somebody says who looked and found nothing, and who could not look.
SEEN_GONE = {2, 8, 9, 13}
NO_ACCESS = {3, 4, 5, 6, 7, 11, 12}
FINAL = {ActionType.REMOVED, ActionType.UNAVAILABLE, ActionType.NOT_ILLEGAL, ActionType.MOVED}

STATEMENTS = st.builds(
    ActionStatement,
    action=st.sampled_from(ActionType),
    at=st.integers(0, 4).map(lambda days: START + timedelta(days=days)),
    reason=st.none() | st.sampled_from([one.value for one in ActionReason]) | st.just("we have our own word for that"),
)


def says(action: ActionType, reason: str | None = None, day: int = 0) -> ActionStatement:
    return ActionStatement(action=action, at=START + timedelta(days=day), reason=reason)


@pytest.mark.parametrize(("number", "reason"), ACTION_REASONS.items())
def test_unavailable_ends_it_for_whoever_saw_it_gone(number: int, reason: ActionReason) -> None:
    word = says(ActionType.UNAVAILABLE, reason)
    assert ended(word) == (Outcome.UNAVAILABLE if number in SEEN_GONE else None)
    assert lacks_access(word) == (reason if number in NO_ACCESS else None)


@pytest.mark.parametrize("reason", [None, "gone", "our own words", "99", "reason 22"])
def test_unavailable_without_a_known_reason_is_for_people(reason: str | None) -> None:
    assert ended(says(ActionType.UNAVAILABLE, reason)) is None
    assert lacks_access(says(ActionType.UNAVAILABLE, reason)) is None


@pytest.mark.parametrize("reason", [None, *ActionReason])
def test_no_reason_makes_an_end_of_what_is_none(reason: str | None) -> None:
    assert ended(says(ActionType.REMOVED, reason)) is Outcome.REMOVED
    for action in (ActionType.NOT_ILLEGAL, ActionType.MOVED, ActionType.REPORTED_TO_LEA, ActionType.REPORTED_TO_ISP):
        assert ended(says(action, reason)) is None


@pytest.mark.parametrize(
    "written",
    ["PasswordProtected", "passwordprotected", "password protected", "Password-Protected", "password_protected", "5"],
)
def test_a_reason_is_known_however_it_is_written(written: str) -> None:
    assert action_reason(written) is ActionReason.PASSWORD_PROTECTED


def test_the_last_word_counts() -> None:
    removed, back = (
        says(ActionType.REMOVED, day=1),
        says(ActionType.UNAVAILABLE, ActionReason.PASSWORD_PROTECTED, day=2),
    )
    assert last_word([back, removed]) is back
    assert last_word([says(ActionType.REPORTED_TO_LEA, day=9), removed]) is removed
    assert last_word([says(ActionType.REPORTED_TO_LEA)]) is None
    same = says(ActionType.NOT_ILLEGAL, day=1)
    assert last_word([removed, same]) is same


@given(st.lists(STATEMENTS, max_size=5))
def test_nothing_ends_it_but_a_last_final_act_that_is_an_end(said: Sequence[ActionStatement]) -> None:
    finals = [one for one in said if one.action in FINAL]
    latest = [one for one in finals if one.at == max(other.at for other in finals)]
    outcome = ended(last_word(said))
    if outcome is Outcome.REMOVED:
        assert ActionType.REMOVED in {one.action for one in latest}
    if outcome is Outcome.UNAVAILABLE:
        seen = {ACTION_REASONS[number].value for number in SEEN_GONE}
        assert any(one.action is ActionType.UNAVAILABLE and one.reason in seen for one in latest)
    assert outcome in (None, Outcome.REMOVED, Outcome.UNAVAILABLE)
