from router.console.said import viewing
from tests.console.said.said_by import said_by


def test_it_is_what_those_rooms_say() -> None:
    assert {*viewing.SAID, *viewing.FILLED} - said_by("casework/desk/viewing") == set()
