from router.console.said import people
from tests.console.said.said_by import said_by


def test_it_is_what_those_rooms_say() -> None:
    assert {*people.SAID, *people.FILLED} - said_by("casework/people", "guard") == set()
