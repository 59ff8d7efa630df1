"""How far partners' clocks are from ours is remembered with the partner, and told."""

from router.casework.deliver.partner_state import standing, tried
from router.casework.read.clocks import clocks_of_partners
from router.store.schema.tables import partner_state
from router.worker.sending import Sending
from tests.casebook import Casebook


async def test_who_never_said_is_left_out_and_what_hardly_moves_is_not_written_again(book: Casebook) -> None:
    assert await clocks_of_partners(book.ctx) == {}
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [], None)
    assert await book.rows(partner_state) == []
    for said, known in ((180, 180), (181, 180), (178, 180), (0, 0)):
        await tried(book.ctx, await standing(book.ctx, "hotline-nl"), [], said)
        assert await clocks_of_partners(book.ctx) == {"hotline-nl": known}
    (row,) = await book.rows(partner_state)
    assert row["version"] == 2


async def test_a_delivery_keeps_what_the_partner_said_of_its_time(book: Casebook) -> None:
    await book.decided()
    book.partner._clocks["hotline-nl"] = 61
    await Sending(book.ctx).turn()
    assert await clocks_of_partners(book.ctx) == {"hotline-nl": 61}
