"""People hear of a certificate that ends: sixty days before, thirty, and all through the last week."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from router.casework.alarm.certificates import ending_soon
from router.casework.alarm.house import is_over_now, look_after
from router.errors import BadInput
from router.store.schema.tables import alarms
from schemas.alarm import HouseCode
from schemas.partner import Partner
from tests.casebook import Casebook, Scripted


@pytest.fixture
def ends(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Say in how long the Dutch hotline's certificate ends."""
    until: list[datetime] = []

    def good_until(_: Scripted, partner: Partner) -> datetime | None:
        if partner.name != "hotline-nl":
            raise BadInput("There is no such secret")
        return until[-1] if until else None

    monkeypatch.setattr(Scripted, "good_until", good_until)
    return lambda left: until.append(book.ctx.clock.now() + left)


@pytest.mark.parametrize(
    ("days", "rings"),
    [(61, False), (60, True), (59.5, True), (58, False), (31, False), (30, True), (28, False), (8, False), (7, True),
     (3, True), (0, True), (-5, True)],
)  # fmt: skip
async def test_it_rings_at_sixty_thirty_and_seven_days(
    book: Casebook, ends: Callable[[timedelta], None], days: float, rings: bool
) -> None:
    assert await ending_soon(book.ctx) == []
    ends(timedelta(days=days))
    assert await ending_soon(book.ctx) == (["hotline-nl"] if rings else [])


async def test_the_alarm_ends_when_the_file_was_replaced(book: Casebook, ends: Callable[[timedelta], None]) -> None:
    ends(timedelta(days=5))
    for _ in range(2):
        await look_after(book.ctx)
    (row,) = await book.rows(alarms)
    assert (row["code"], await is_over_now(book.ctx, row)) == (HouseCode.CERTIFICATE, False)
    ends(timedelta(days=365))
    assert await is_over_now(book.ctx, row)
