"""The row of a new referral: due now, or held until its date."""

from datetime import timedelta

import pytest

from router.casework.referral.row import LIVE, UNSENT, Chosen, is_live, referral
from router.clock import micros
from router.store.schema.tables import referrals
from schemas.decision import Recipient
from schemas.states import REFERRAL, ReferralState
from tests.office import START

CASE = {"id": "c-1", "rank": 2, "lane": "normal"}
NOW = micros(START)


def row(**more: object) -> dict[str, object]:
    recipient = Recipient(partner="hotline-nl", route="abroad", **more)
    return dict(referral(Chosen(CASE, "d-1", recipient, "old"), NOW).values)


def test_it_is_due_at_once_in_its_cases_place_of_the_queue() -> None:
    made = row()
    assert (made["state"], made["next_at"], made["created_at"]) == (ReferralState.WAITING, NOW, NOW)
    assert (made["case_id"], made["decision_id"], made["rank"], made["lane"]) == ("c-1", "d-1", 2, "normal")
    assert (made["partner"], made["route"], made["supersedes"], made["is_copy"]) == ("hotline-nl", "abroad", "old", 0)


def test_each_has_an_id_of_its_own() -> None:
    assert row()["id"] != row()["id"]


def test_one_that_is_held_is_due_on_its_date() -> None:
    until = START + timedelta(days=2)
    made = row(hold_until=until, hold_reason="police clearance", copy_=True)
    assert (made["state"], made["next_at"], made["hold_until"]) == (ReferralState.HELD, micros(until), micros(until))
    assert (made["hold_reason"], made["is_copy"]) == ("police clearance", 1)


@pytest.mark.parametrize("state", list(ReferralState))
def test_what_stands_in_the_way_is_what_may_still_reach_or_has_reached_the_partner(state: ReferralState) -> None:
    over = {"refused", "expired", "recalled", "superseded", "withdrawing"}
    assert is_live({"state": state.value}) is (state.value not in over)


def test_what_has_not_left_may_simply_be_replaced() -> None:
    assert UNSENT < LIVE
    assert all("supersede" in REFERRAL[state] for state in UNSENT)


def test_the_live_states_are_those_of_the_unique_index() -> None:
    """The database keeps a second live referral of a case to the same partner out."""
    (index,) = [one for one in referrals.indexes if one.name == "referral_live"]
    text = str(index.dialect_options["sqlite"]["where"])
    assert {state for state in ReferralState if f"'{state}'" in text} == set(LIVE)
