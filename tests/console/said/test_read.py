from router.console.said import read
from tests.console.said.said_by import said_by


def test_it_is_what_those_rooms_say() -> None:
    assert {*read.SAID, *read.FILLED} - said_by("casework/intake", "casework/read", "hosting") == set()
