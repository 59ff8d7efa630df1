"""Urgency comes before lane, and the graver of two urgencies wins."""

import pytest

from router.casework.case.priority import RANKS, faster, graver, rank
from schemas.vocabulary import Lane, Urgency


def test_a_child_at_risk_passes_every_lane() -> None:
    assert {rank(urgency, lane) for urgency in (Urgency.LIVE, Urgency.IMMINENT_RISK) for lane in Lane} == {0}


def test_a_crawler_never_comes_before_a_citizen() -> None:
    assert rank(Urgency.NONE, Lane.URGENT) < rank(Urgency.NONE, Lane.NORMAL) < rank(Urgency.NONE, Lane.BULK)


def test_every_rank_is_asked_for() -> None:
    assert {rank(urgency, lane) for urgency in Urgency for lane in Lane} == set(RANKS)


@pytest.mark.parametrize("one", Urgency)
@pytest.mark.parametrize("other", Urgency)
def test_the_graver_is_one_of_the_two_and_it_does_not_matter_who_comes_first(one: Urgency, other: Urgency) -> None:
    assert graver(one, other) is graver(other, one)
    assert graver(one, other) in (one, other)
    assert graver(one, Urgency.IMMINENT_RISK) is Urgency.IMMINENT_RISK
    assert graver(one, Urgency.NONE) is one


@pytest.mark.parametrize("one", Lane)
@pytest.mark.parametrize("other", Lane)
def test_the_faster_of_two_lanes_is_worked_first(one: Lane, other: Lane) -> None:
    assert faster(one, other) in (one, other)
    assert rank(Urgency.NONE, faster(one, other)) == min(rank(Urgency.NONE, one), rank(Urgency.NONE, other))
