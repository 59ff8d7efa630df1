"""What a round may cost a partner."""

from datetime import timedelta

from router.partners.rounds import Rounds


def test_calls_are_so_far_apart_that_no_more_than_so_many_fit_between_two_rounds() -> None:
    rounds = Rounds(every=timedelta(hours=1), at_once=500, calls=20)
    assert rounds.apart == timedelta(minutes=3)
    assert rounds.apart * rounds.calls == rounds.every
