"""Work whose time is over is one alarm with a count, by the hour, and ends when it is done."""

from router.casework.alarm.house import look_after, open_house
from router.store.schema.tables import alarms
from schemas.alarm import HouseCode
from tests.bells import Alarmed
from tests.casebook import FORM


async def test_overdue_work_is_one_alarm_with_a_count(house: Alarmed) -> None:
    for n in range(3):
        await house.book.decided(f"https://example.test/{n}", f"r-{n}", FORM)
    await house.later(hours=23)
    assert house.rung.posts == []
    await house.later(hours=2)
    await house.later(minutes=1)
    (row,) = await house.book.rows(alarms)
    assert (row["code"], row["count"], row["case_id"]) == (HouseCode.OVERDUE, 3, None)
    assert [one["commonLabels"]["alertname"] for one in house.rung.read()] == ["RouterDeskDue"]
    await house.later(minutes=30)
    assert len(house.rung.posts) == 1
    await house.later(minutes=31)
    assert len(house.rung.posts) == 2


async def test_of_each_code_one_is_open(house: Alarmed) -> None:
    for _ in range(3):
        await open_house(house.book.ctx, HouseCode.WAY_DOWN)
        await look_after(house.book.ctx)
    assert len(await house.book.rows(alarms)) == 1
