"""A child at risk rings at once, in steps, day and night, until a person says that they are on it."""

from sqlalchemy import select

from router.casework.desk import case_acts
from router.casework.desk.acknowledge import acknowledge
from router.casework.govern.sources import change_source
from router.store.schema.tables import alarms
from schemas.actor import ROUTER
from schemas.source import SourceChange
from schemas.vocabulary import Outcome
from tests.bells import HOOK, MAILBOX, Alarmed
from tests.casebook import ANNA, FORM

LIVE = {"urgency": "live"}


async def told(house: Alarmed) -> tuple[int, int]:
    return len(house.rung.posts), len(house.rung.letters)


async def test_it_rings_at_once_then_in_steps_then_again_until_acknowledged(house: Alarmed) -> None:
    case_id = await house.book.decided(**LIVE)
    await house.ringing.turn()
    assert await told(house) == (1, 1)
    await house.later(minutes=4)
    assert await told(house) == (1, 1)
    await house.later(minutes=1)
    assert await told(house) == (2, 2)
    await house.later(minutes=5)
    assert await told(house) == (3, 4)  # ten minutes on, the second mailbox too
    await acknowledge(house.book.ctx, case_id, ANNA)
    for _ in range(10):
        await house.later(minutes=5)
    assert await told(house) == (3, 4)


async def test_all_that_is_said_of_one_alarm_is_said_under_the_same_identifiers(house: Alarmed) -> None:
    await house.book.decided(**LIVE)
    for _ in range(4):
        await house.later(minutes=5)
    said = house.rung.read()
    assert len(said) == 4
    assert len({(one["groupKey"], one["alerts"][0]["fingerprint"], one["alerts"][0]["startsAt"]) for one in said}) == 1
    ids = [one["Message-ID"] for one in house.rung.letters if one["To"] == MAILBOX]
    assert len(ids) == len(set(ids)) == 4  # each ring is a letter of its own, or a mail server would drop it


async def test_it_ends_when_the_case_leaves_the_desk(house: Alarmed) -> None:
    case_id = await house.book.decided(**LIVE)
    await house.ringing.turn()
    await case_acts.close(house.book.ctx, case_id, ANNA, "seen", outcome=Outcome.NOT_ILLEGAL)
    await house.later(minutes=5)
    assert [one["status"] for one in house.rung.read()] == ["firing", "resolved"]
    (row,) = await house.book.rows(alarms)
    assert (row["next_at"], row["resolved_at"]) == (None, house.book.ctx.now())
    first, last = house.rung.read()
    assert first["groupKey"] == last["groupKey"]


async def test_acknowledged_and_then_off_the_desk_is_told_as_resolved(house: Alarmed) -> None:
    case_id = await house.book.decided(**LIVE)
    await house.ringing.turn()
    await acknowledge(house.book.ctx, case_id, ANNA)
    await case_acts.close(house.book.ctx, case_id, ANNA, "seen", outcome=Outcome.NOT_ILLEGAL)
    await house.later(minutes=2)
    assert [one["status"] for one in house.rung.read()] == ["firing", "resolved"]


async def test_one_way_that_fails_is_tried_again_rings_on_the_other_and_recovers(house: Alarmed) -> None:
    house.rung.failing = {HOOK}
    await house.book.decided(**LIVE)
    for _ in range(6):
        await house.later(seconds=45)
    assert len(house.rung.letters) >= 2  # of the case, and that a way fails
    assert {row["code"] for row in await house.book.rows(alarms)} == {"child_at_risk", "way_down"}
    house.rung.failing = set()
    for _ in range(4):
        await house.later(minutes=5)
    assert "RouterAtRisk" in {one["commonLabels"]["alertname"] for one in house.rung.read()}
    (down,) = await house.book.ctx.store.rows(select(alarms).where(alarms.c.code == "way_down"))
    assert down["resolved_at"] is not None


async def test_a_source_that_may_not_ring_wakes_nobody(house: Alarmed) -> None:
    await change_source(house.book.ctx, "form", SourceChange(may_ring=False), ROUTER)
    await house.book.decided(actor=FORM, **LIVE)
    await house.later(minutes=1)
    assert await told(house) == (0, 0)
    await change_source(house.book.ctx, "form", SourceChange(may_ring=True), ROUTER)
    await house.later(minutes=15)
    assert len(house.rung.posts) >= 1


async def test_more_than_so_many_in_an_hour_are_one_with_a_count(house: Alarmed) -> None:
    for n in range(25):
        await house.book.decided(f"https://example.test/{n}", f"r-{n}", **LIVE)
    for _ in range(6):
        await house.ringing.turn()
    await house.later(seconds=30)
    said = house.rung.read()
    single = [one for one in said if "case" in one["commonLabels"]]
    many = [one for one in said if one["commonLabels"]["code"] == "many"]
    assert len(single) == 20
    assert many
    assert {row["count"] for row in await house.book.rows(alarms) if row["code"] == "many"} == {5}
