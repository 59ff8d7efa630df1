from router.console.said import desk
from tests.console.said.said_by import said_by

ROOMS = ("casework/case", "casework/decide", "casework/desk", "casework/locate", "casework/retention")


def test_it_is_what_those_rooms_say() -> None:
    assert {*desk.SAID, *desk.FILLED} - said_by(*ROOMS) == set()
