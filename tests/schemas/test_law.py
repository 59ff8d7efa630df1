from datetime import date

from schemas.law import DatedLaw, law_on


def test_the_reference_of_a_day_is_the_last_that_held_then() -> None:
    laws = [DatedLaw(since=date(2026, 4, 9), text="new"), DatedLaw(since=date(2022, 3, 21), text="old")]
    assert [law_on(date(*day), laws) for day in ((2022, 3, 20), (2022, 3, 21), (2026, 4, 8), (2030, 1, 1))] == [
        None,
        "old",
        "old",
        "new",
    ]
    assert law_on(date(2026, 1, 1), []) is None
