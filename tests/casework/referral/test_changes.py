"""What a new decision does to what stands: superseded when it never left, taken back when it may have arrived."""

from typing import Any

import pytest

from router.casework.referral import changes
from router.casework.referral.row import STAFF
from router.store.base import Row
from schemas.states import ReferralState

NOW = 1_000
NOBODY: frozenset[str] = frozenset()
MINE = frozenset({"p"})


def a_row(state: str, **more: Any) -> Row:
    given = {"id": "r", "version": 3, "partner": "p", "route": "hotline-abroad", "may_have_arrived": 0, "next_at": 7}
    given |= {"claims": 1, "payload": None}
    return {**given, "state": state, "rank": 2, **more}


@pytest.mark.parametrize("state", ReferralState)
@pytest.mark.parametrize("arrived", [0, 1])
def test_nothing_is_both_superseded_and_taken_back(state: ReferralState, arrived: int) -> None:
    row = a_row(state, may_have_arrived=arrived)
    assert not (changes.is_superseded(row, NOBODY) and changes.is_taken_back(row, NOBODY, NOBODY))


@pytest.mark.parametrize("state", ["waiting", "held"])
def test_what_never_left_is_superseded(state: str) -> None:
    row = a_row(state)
    assert changes.is_superseded(row, NOBODY)
    assert not changes.is_superseded(row, MINE)
    change = changes.superseded(row)
    assert (change.values["state"], change.values["next_at"], change.version) == ("superseded", None, 3)


@pytest.mark.parametrize(
    ("row", "state", "due"),
    [
        (a_row("waiting", may_have_arrived=1), "withdrawing", NOW),
        (a_row("held", may_have_arrived=1, next_at=None), "withdrawing", NOW),
        (a_row("expired", may_have_arrived=1, next_at=None), "withdrawing", NOW),
        (a_row("unknown", may_have_arrived=1, next_at=None), "withdrawing", NOW),
        (a_row("sending"), "recall_pending", 7),
    ],
    ids=lambda one: one["state"] if isinstance(one, dict) else None,
)
def test_what_may_be_with_its_partner_is_taken_back_there(row: Row, state: str, due: int) -> None:
    assert changes.is_taken_back(row, NOBODY, NOBODY)
    change = changes.taken_back(row, NOW, "new")
    assert dict(change.values) == {"state": state, "next_at": due, "superseded_by": "new"}
    assert change.keep_claim is (state == "recall_pending")  # its sender settles it
    assert "superseded_by" not in changes.taken_back(row, NOW, None).values


@pytest.mark.parametrize("row", [a_row(state, may_have_arrived=1) for state in ("waiting", "unknown", "sending")])
def test_chosen_or_proposed_it_stays(row: Row) -> None:
    assert not changes.is_taken_back(row, MINE, NOBODY)
    assert not changes.is_taken_back(row, NOBODY, MINE)


def test_one_without_attempts_left_goes_even_when_its_partner_is_chosen_again() -> None:
    assert changes.is_taken_back(a_row("expired", may_have_arrived=1), MINE, NOBODY)
    assert not changes.is_taken_back(a_row("expired", may_have_arrived=1), NOBODY, MINE)
    assert not changes.is_taken_back(a_row("expired"), NOBODY, NOBODY)


@pytest.mark.parametrize(
    ("row", "arrived"),
    [
        (a_row("waiting", may_have_arrived=1), True),
        (a_row("sending", payload=b"frozen", claims=2), True),  # its first sender died
        (a_row("sending", payload=b"frozen"), False),
        (a_row("sending", claims=2), False),  # it died before anything could leave
        (a_row("waiting"), False),
    ],
)
def test_bytes_may_be_there_after_a_try_without_an_answer_or_without_an_end(row: Row, arrived: bool) -> None:
    assert changes.may_have_arrived(row) is arrived


@pytest.mark.parametrize("route", ["hotline-abroad", STAFF])
def test_an_expired_one_is_followed_by_another_to_the_same_partner_whoever_chose_it(route: str) -> None:
    row = a_row("expired", may_have_arrived=1, route=route)
    assert changes.is_followed(row, MINE)
    assert changes.is_taken_back(row, MINE, NOBODY)
    assert not changes.is_followed(row, NOBODY)
    assert not changes.is_followed(a_row("expired", route=route), MINE)
    assert not changes.is_followed(a_row("waiting", may_have_arrived=1), MINE)


@pytest.mark.parametrize("state", ["accepted", "refused", "recalled", "superseded", "withdrawing", "recall_pending"])
def test_what_is_settled_is_left_alone(state: str) -> None:
    row = a_row(state, may_have_arrived=1)
    assert not changes.is_superseded(row, NOBODY)
    assert not changes.is_taken_back(row, NOBODY, NOBODY)


@pytest.mark.parametrize("arrived", [0, 1])
def test_what_a_person_chose_a_rule_does_not_replace(arrived: int) -> None:
    row = a_row("waiting", route=STAFF, may_have_arrived=arrived)
    assert not changes.is_superseded(row, NOBODY)
    assert not changes.is_taken_back(row, NOBODY, NOBODY)


@pytest.mark.parametrize("state", ReferralState)
def test_only_what_is_still_to_leave_keeps_up_with_its_case(state: ReferralState) -> None:
    row = a_row(state)
    assert changes.is_slower(row, {"rank": 0}) is (state in ("waiting", "held", "sending"))
    assert not changes.is_slower(row, {"rank": 2})
    assert not changes.is_slower(row, {"rank": 3})
    change = changes.reprioritised(row, {"rank": 0})
    assert (dict(change.values), change.version) == ({"rank": 0}, None)


@pytest.mark.parametrize(
    ("row", "by_recall", "by_override"),
    [
        (a_row("waiting"), "recall", "supersede"),
        (a_row("held"), "recall", "supersede"),
        (a_row("waiting", may_have_arrived=1), "take_back", "take_back"),
        (a_row("held", may_have_arrived=1), "take_back", "take_back"),
        (a_row("waiting", claims=2, payload=b"left with a sender that died"), "take_back", "take_back"),
        (a_row("waiting", claims=2), "recall", "supersede"),
        (a_row("sending"), "recall", "recall"),
        (a_row("accepted", may_have_arrived=1), "recall", "recall"),
        (a_row("unknown"), "recall", "recall"),
        (a_row("refused"), "recall", "supersede"),
        (a_row("expired", may_have_arrived=1), "recall", "recall"),
    ],
    ids=lambda one: f"{one['state']}-{one['may_have_arrived']}" if isinstance(one, dict) else None,
)
def test_a_recall_and_an_override_tell_whoever_may_have_it(row: Row, by_recall: str, by_override: str) -> None:
    assert (changes.recall_event(row), changes.override_event(row)) == (by_recall, by_override)


@pytest.mark.parametrize(
    ("after", "due"),
    [(ReferralState.RECALLED, None), (ReferralState.WITHDRAWING, 100), (ReferralState.RECALL_PENDING, 7)],
)
def test_only_what_is_to_be_told_or_settled_keeps_a_date(after: ReferralState, due: int | None) -> None:
    change = changes.recalled(a_row("sending"), after, 100, superseded_by="new")
    assert dict(change.values) == {"state": after, "next_at": due, "superseded_by": "new"}
    assert (change.version, change.keep_claim) == (3, after is ReferralState.RECALL_PENDING)
