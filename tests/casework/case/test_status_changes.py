"""What a transition gives sources to hear is in that transition, and nothing where nobody hears."""

from typing import Any

import pytest

from router.casework.case.status_changes import dated, with_status
from router.store.base import Add, Change, Event, Transition
from router.store.schema.tables import actions, cases, items, referrals, reports, status_changes, status_news
from tests.store.samples import NOW

HOUSE, OUTSIDE = {"analysts": True}, {"form": False}
REPORT = Add(reports, {"id": "r", "source": "form", "taken_at": NOW})
DAY = 86_400_000_000


def added(transition: Transition, table: Any) -> list[dict[str, Any]]:
    return [dict(add.values) for add in transition.adds if add.table is table]


@pytest.mark.parametrize(
    "transition",
    [
        Transition(NOW, adds=(Add(cases, {"id": "c"}),)),
        Transition(NOW, adds=(Add(items, {"id": "i", "case_id": "c"}),)),
        Transition(NOW, adds=(Add(referrals, {"id": "x", "case_id": "c"}),)),
        Transition(NOW, adds=(Add(actions, {"id": "x", "case_id": "c"}),)),
        Transition(NOW, (Change(cases, {"id": "c"}, {"state": "closed"}),)),
        Transition(NOW, (Change(referrals, {"id": "x"}, {"receipt": "12"}),), events=(Event("e", "a", "c", "x"),)),
    ],
)
def test_a_change_of_a_case_is_one_row_of_the_house(transition: Transition) -> None:
    (row,) = added(with_status(transition, HOUSE), status_changes)
    assert (row["case_id"], row["referral_id"], row["at"]) == ("c", None, NOW)
    assert with_status(transition, OUTSIDE) is transition
    assert with_status(transition, {}) is transition


def test_a_referral_whose_case_is_not_named_is_a_row_of_its_own() -> None:
    changed = Transition(NOW, (Change(referrals, {"id": "x"}, {"state": "accepted"}),))
    (row,) = added(with_status(changed, HOUSE), status_changes)
    assert (row["case_id"], row["referral_id"]) == (None, "x")


@pytest.mark.parametrize(
    "change",
    [
        Change(cases, {"id": "c"}, {"next_at": NOW}),
        Change(cases, {"id": "c"}, {"desk_text": "look"}),
        Change(referrals, {"id": "x"}, {"next_at": NOW, "attempts": 2}),
    ],
)
def test_what_nobody_sees_is_no_change(change: Change) -> None:
    transition = Transition(NOW, (change,))
    assert with_status(transition, HOUSE) is transition


def test_many_changes_of_one_case_are_one_row() -> None:
    changed = Transition(NOW, (Change(cases, {"id": "c"}, {"state": "referred"}),), (Add(referrals, {"case_id": "c"}),))
    assert len(added(with_status(changed, HOUSE), status_changes)) == 1


def test_a_report_from_outside_brings_its_first_date_and_its_case_adds_nothing() -> None:
    taken = Transition(NOW, adds=(REPORT, Add(items, {"id": "i", "case_id": "c"})))
    made = with_status(taken, OUTSIDE)
    (row,) = added(made, status_news)
    assert (row["source"], row["report_id"], row["at"], row["due_at"]) == ("form", "r", NOW + DAY, NOW + DAY)
    assert added(made, status_changes) == []
    assert added(with_status(taken, HOUSE), status_news) == []


def test_two_dates_are_two_things_to_be_told() -> None:
    assert dated("form", "r", NOW)["id"] != dated("form", "r", NOW)["id"]
