"""Of a partner that takes several calls: what is half done is finished first, whatever is older, and counts once."""

from datetime import timedelta

import pytest

from router.casework.desk import referral_acts
from router.partners.base import Progress, Progressed, Step
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from router.worker.sending import Sending
from schemas.partner import Pace
from tests.casebook import ANNA, Casebook, Scripted, partner
from tests.worker.test_sending import capped, several, states

DAY_AND_AN_HOUR = timedelta(days=1, hours=1)


@pytest.fixture(autouse=True)
def _partner_of_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "steps", {"made": Step("The report is made.", arrived=False)})
    monkeypatch.setattr(Scripted, "bundle", 1)


async def test_what_is_half_done_is_finished_before_anything_else_begins(book: Casebook) -> None:
    """Whatever is older, and though the partner's day is full: a child at risk alone goes before it."""
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=1, burst=1, in_flight=1, daily_cap=1)))
    old, first = await several(book, 2)
    book.partner.script = [Progressed(Progress("made"))]
    held = (await book.referral(old))["id"]
    await referral_acts.hold(book.ctx, held, ANNA, "a moment")
    sending = Sending(book.ctx)
    await sending.turn()
    await referral_acts.release(book.ctx, held, ANNA, "go on")
    (at_risk,) = await several(book, 1, 9)
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": at_risk}, {"rank": 0})]))
    for _ in range(4):
        book.later(seconds=2)
        await sending.turn()
    names = {(await book.referral(one))["id"]: one for one in (old, first, at_risk)}
    assert [names[one.referral_id] for call in book.partner.calls for one in call] == [first, at_risk, first]
    assert await states(book, [old, first, at_risk]) == ["waiting", "accepted", "accepted"]


async def test_no_sources_cap_holds_the_second_half(book: Casebook) -> None:
    """On the next day, when that source has sent all it may, and the partner has nothing of it yet."""
    await capped(book, 1)
    (first,) = await several(book, 1)
    begun = Progressed(Progress("made"), book.clock.now() + DAY_AND_AN_HOUR)
    book.partner.script = [begun]
    sending = Sending(book.ctx)
    await sending.turn()
    book.later(days=1)
    (second,) = await several(book, 1, 5)
    await sending.turn()
    assert await states(book, [first, second]) == ["waiting", "accepted"]
    book.later(hours=2)
    await sending.turn()
    assert await states(book, [first, second]) == ["accepted", "accepted"]
