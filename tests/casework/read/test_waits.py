"""A referral whose partner is not called says why: a stop, a pause, a closed address, a partner that is gone."""

from router.casework.deliver import stops
from router.casework.govern import pause
from router.casework.read import lists
from router.casework.read.waits import waits
from schemas.casefile import WaitCode
from schemas.partner import Directory
from tests.casebook import ANNA, Casebook


async def shown(book: Casebook, case_id: str) -> WaitCode | None:
    found = await lists.referral(book.ctx, (await book.referral(case_id))["id"])
    return None if found.waits is None else found.waits.code


async def test_a_stop_a_pause_and_a_partner_that_is_gone_are_said_on_the_referral(book: Casebook) -> None:
    case_id = await book.decided()
    assert await shown(book, case_id) is None
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "they asked")
    assert await shown(book, case_id) is WaitCode.STOPPED
    await stops.lift(book.ctx, "partner:hotline-nl", ANNA, "go on")
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    assert await shown(book, case_id) is WaitCode.PAUSED
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they moved")
    assert await shown(book, case_id) is None
    book.rules.directory_ = Directory(version=3)
    assert await shown(book, case_id) is WaitCode.NOT_LISTED


async def test_what_the_partner_has_waits_for_nothing(book: Casebook) -> None:
    case_id = await book.accepted()
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    assert await shown(book, case_id) is None
    assert await waits(book.ctx, ()) == {}


async def test_since_when_is_said(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move")
    book.later(hours=5)
    (one,) = (await waits(book.ctx, {"hotline-nl", "hotline-ca"})).values()
    assert one.since is not None
    assert (book.clock.now() - one.since).total_seconds() == 5 * 3600
