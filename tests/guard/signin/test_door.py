from datetime import timedelta

from router.guard.signin.door import Door


def test_an_address_may_try_more_often_than_an_account() -> None:
    """A house's people share an address."""
    door = Door()
    tries = [sum(each.take("x", 0.0) == 0.0 for _ in range(100)) for each in (door.by_account, door.by_address)]
    assert tries == [10, 60]


def test_a_shift_is_the_longest_session() -> None:
    assert Door().settings.shift == timedelta(hours=12)
