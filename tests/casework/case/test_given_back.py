"""What we give back is told once to each peer that referred it, and no location is in it."""

from router.casework.case import given_back
from router.store.base import Add, Transition
from router.store.schema.tables import inbox
from tests.casebook import Casebook

ROW = {
    "peer": "hotline-nl",
    "origin": "hotline-nl",
    "origin_reference": "NL-1",
    "referral_id": "r-1",
    "body_digest": b"",
    "receipt": "1",
    "taken_at": 1,
}


async def from_peers(book: Casebook) -> str:
    case_id = await book.take()
    rows = [ROW | {"case_id": case_id}, ROW | {"case_id": case_id, "referral_id": "r-2", "withdrawn_at": 5}]
    await book.ctx.store.commit(Transition(0, adds=[Add(inbox, row) for row in rows]))
    return case_id


async def test_each_peer_that_still_waits_is_told_once(book: Casebook) -> None:
    case = await book.case(await from_peers(book))
    changes = await given_back.given_back(book.ctx, case, "see https://a.test/x", "DE")
    await book.ctx.store.commit(Transition(0, changes))
    told, taken_back = sorted(await book.rows(inbox), key=lambda row: str(row["referral_id"]))
    assert b"a.test" not in told["returned"]
    said = given_back.told(book.ctx, told)
    assert (said["returned"], said["reason"], said["believed"]) == (True, "not_ours", "DE")
    assert "a.test" not in said["text"]
    assert given_back.told(book.ctx, taken_back) == {}
    assert await given_back.given_back(book.ctx, case, "again", None) == []


async def test_what_cannot_be_opened_any_more_is_told_without_its_words(book: Casebook) -> None:
    case = await book.case(await from_peers(book))
    await book.ctx.store.commit(Transition(0, await given_back.given_back(book.ctx, case, "why", "DE")))
    (row, _) = sorted(await book.rows(inbox), key=lambda one: str(one["referral_id"]))
    said = given_back.told(book.ctx, row | {"returned": b"damaged"})
    assert (said["returned"], said["believed"], said["text"]) == (True, None, None)


async def test_what_somebody_of_ours_reported_is_not_theirs_alone(book: Casebook) -> None:
    assert not await given_back.is_theirs_alone(book.ctx, await book.take())
