from router.console.said import govern
from tests.console.said.said_by import said_by


def test_it_is_what_those_rooms_say() -> None:
    assert {*govern.SAID, *govern.FILLED} - said_by("backup", "casework/govern") == set()
