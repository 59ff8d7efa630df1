"""What a peer is told of its referral: what was done since it came, here and wherever a short link led."""

from typing import Any

import pytest

from router.casework.desk import case_acts, leads_to
from router.casework.intake import peer_status
from router.store.base import Add, Remove, Row, Transition
from router.store.schema.tables import actions, case_keys
from schemas.trace import Reason, Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, DUTCH, Casebook

SHORT, SHORTER, PLACE = "https://bit.ly/abc", "https://t.co/x", "https://pages.test/whole/way"
SHORTENED = Verdict(kind=VerdictKind.UNRESOLVED, reasons=(Reason(code="shortener", text="it only sends on"),))


async def short(book: Casebook, location: str = SHORT, reference: str = "r-1") -> str:
    """A short link on the desk."""
    book.world.verdict = SHORTENED
    case_id = await book.decided(location, reference)
    book.world.verdict = DUTCH
    return case_id


async def led(book: Casebook, case_id: str, location: str = PLACE) -> str:
    return await leads_to.target(book.ctx, case_id, ANNA, "followed it", location=location)


async def removed(book: Casebook, case_id: str) -> None:
    await case_acts.close(book.ctx, case_id, ANNA, "the host took it down", outcome=Outcome.REMOVED)


async def said(book: Casebook, case_id: str, since: int = 0) -> list[str]:
    return [one.action for one in await peer_status.actions_since(book.ctx, case_id, since)]


def an_action(book: Casebook, case_id: str, action: str) -> Row:
    return {"id": f"a-{action}", "case_id": case_id, "action": action, "at": book.ctx.now(), "by": "hotline-nl"}


async def noted(book: Casebook, case_id: str, action: str) -> None:
    await book.ctx.store.commit(Transition(1, adds=(Add(actions, an_action(book, case_id, action)),)))


async def test_only_what_was_done_since_is_told_in_its_order(book: Casebook) -> None:
    case_id = await book.decided()
    await noted(book, case_id, "NotIllegal")
    book.later(days=1)
    since = book.ctx.now()
    await noted(book, case_id, "Moved")
    book.later(days=1)
    await removed(book, case_id)
    assert await said(book, case_id, since) == ["Moved", "Removed"]


async def test_of_a_short_link_it_is_told_what_was_done_at_its_place(book: Casebook) -> None:
    case_id = await short(book)
    place = await led(book, case_id)
    assert await said(book, case_id) == ["Moved"]
    book.later(days=1)
    await removed(book, place)
    assert await said(book, case_id) == ["Moved", "Removed"]


async def test_what_was_done_at_the_place_before_it_was_named_is_not_told(book: Casebook) -> None:
    known = await book.decided(PLACE, "r-0")
    await noted(book, known, "Unavailable")
    book.later(days=1)
    case_id = await short(book)
    assert await led(book, case_id) == known
    assert await said(book, case_id) == ["Moved"]


async def test_a_short_link_behind_a_short_link_is_followed_to_the_end(book: Casebook) -> None:
    first = await short(book)
    second = await led(book, first, SHORTER)
    book.world.verdict = SHORTENED
    await book.step(second, 2)
    await removed(book, await led(book, second))
    assert await said(book, first) == ["Moved", "Moved", "Removed"]


@pytest.mark.parametrize("gone", [0, 1])
async def test_what_was_erased_leads_nowhere_any_more(book: Casebook, gone: int) -> None:
    case_id = await short(book)
    place = await led(book, case_id)
    await removed(book, place)
    key: dict[str, Any] = {"case_id": (case_id, place)[gone]}
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, key),)))
    assert await said(book, case_id) == (["Moved"], ["Moved", "Removed"])[gone]


async def test_why_and_where_to_are_told_with_the_act(book: Casebook) -> None:
    case_id = await book.decided()
    row = an_action(book, case_id, "Moved") | {"by": "router", "moved_to": "CA"}
    await book.ctx.store.commit(Transition(1, adds=(Add(actions, row),)))
    book.later(days=1)
    await case_acts.close(book.ctx, case_id, ANNA, "not there any more", outcome=Outcome.UNAVAILABLE)
    told = await peer_status.actions_since(book.ctx, case_id, 0)
    assert [(one.action, one.reason, one.moved_to) for one in told] == [
        ("Moved", None, "CA"),
        ("Unavailable", "ContentNotFound", None),
    ]


@pytest.mark.parametrize("action", ["Removed", "Unavailable", "NotIllegal", "Moved"])
async def test_what_ends_it_for_one_of_our_partners_ends_it_for_no_peer(book: Casebook, action: str) -> None:
    """Two partners have it, and one says Removed: our case goes on, and so must theirs."""
    case_id = await book.accepted()
    referral_id = (await book.referral(case_id))["id"]
    for done in ("ReportedToISP", action):
        row = an_action(book, case_id, done) | {"referral_id": referral_id}
        await book.ctx.store.commit(Transition(1, adds=(Add(actions, row),)))
    assert await said(book, case_id) == ["ReportedToISP"]
