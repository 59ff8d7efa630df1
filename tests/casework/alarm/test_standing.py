"""What `doctor` and the API say of alarms."""

from router.casework.alarm.standing import standing
from tests.bells import HOOK, Alarmed


async def test_which_ways_there_are_which_fail_and_how_many_ring(house: Alarmed) -> None:
    house.rung.failing = {HOOK}
    await house.book.decided(urgency="live")
    await house.ringing.turn()
    found = await standing(house.book.ctx)
    assert (len(found.ways), len(found.failing), found.ringing, found.heartbeat) == (3, 1, 1, True)
    assert found.failing[0] == found.ways[0]
