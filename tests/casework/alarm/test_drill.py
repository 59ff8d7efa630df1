"""A test reaches every receiver and says which took it."""

from router.casework.alarm.drill import drill
from router.store.schema.tables import alarms
from tests.bells import HOOK, Alarmed
from tests.casebook import ANNA


async def test_every_receiver_is_tried_and_nothing_is_left_ringing(house: Alarmed) -> None:
    house.rung.failing = {HOOK}
    found = await drill(house.book.ctx, ANNA)
    assert [one.ok for one in found] == [False, True, True]
    assert len(house.rung.letters) == 2
    assert await house.book.rows(alarms) == []
