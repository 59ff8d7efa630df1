"""What we fail on ourselves: it stops none of its turn, leaves nowhere, and ends with people."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from router.casework.desk import referral_acts
from router.clock import micros
from router.store.base import Change, Transition
from router.store.schema.tables import cases
from router.worker.sending import Sending
from schemas.exchange import ReferralMessage
from schemas.partner import Partner
from tests.casebook import ANNA, Casebook, Scripted

#: As intake kept it before such a date was refused: an empty one, in an offset that UTC cannot name.
FIRST_YEAR = micros(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))))


class Blind(Scripted):
    """One that fails, by a fault of ours, on whatever was reported in the first year."""

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        if message.received_at.year == 1:
            raise OverflowError
        return super().freeze(message, partner)


async def test_one_that_we_fail_on_stops_none_of_its_turn_and_ends_with_people_unsent(book: Casebook) -> None:
    ids = [await book.decided(f"https://example.test/{n}", f"r-{n}") for n in range(4)]
    await book.ctx.store.commit(Transition(1, [Change(cases, {"id": ids[1]}, {"received_at": FIRST_YEAR})]))
    blind = Blind()
    sending = Sending(replace(book.ctx, dialects={"scripted": blind}))
    await sending.turn()
    assert [(await book.referral(one))["state"] for one in ids] == ["accepted", "waiting", "accepted", "accepted"]
    for _ in range(10):
        book.later(minutes=1)
        await sending.turn()
    assert ((await book.referral(ids[1]))["state"], (await book.case(ids[1]))["desk_code"]) == ("expired", "broken")
    assert len([one for call in blind.calls for one in call]) == 3


async def test_taken_back_while_we_fail_on_it_a_referral_stays_taken_back(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=2)

    async def recalled() -> None:
        await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "not this one")
        raise OverflowError

    book.world.meanwhile = recalled
    await Sending(book.ctx).turn()
    assert ((await book.referral(case_id))["state"], book.partner.calls) == ("recall_pending", [])
