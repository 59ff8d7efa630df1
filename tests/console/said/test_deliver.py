from router.console.said import deliver
from tests.console.said.said_by import said_by


def test_it_is_what_those_rooms_say() -> None:
    assert {*deliver.SAID, *deliver.FILLED} - said_by("casework/deliver", "casework/follow_up", "partners") == set()
