"""A note is sealed with its case, names no location before a reveal, never leaves, and is erased with the case."""

import pytest

from router.casework.desk import case_acts, note
from router.casework.read.case_file import case_file
from router.casework.retention.erase import erased
from router.errors import NotFound
from router.store.schema.tables import audit
from schemas.retention import Kept
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook
from tests.referrals import CANARY

WHERE = f"https://{CANARY}.test/{CANARY}"
TEXT = f"The hoster of {CANARY}.test answered us last year.\nCall them."


async def notes(book: Casebook, case_id: str, **by: object) -> list[str | None]:
    file = await case_file(book.ctx, case_id, **by)  # type: ignore[arg-type] # who reads it
    return [one.typed for one in file.timeline if one.act == note.NOTED]


async def test_it_is_sealed_and_shown_without_what_names_the_location_until_that_is_revealed(book: Casebook) -> None:
    case_id = await book.decided(WHERE)
    await note.add(book.ctx, case_id, ANNA, TEXT)
    (row,) = await book.rows(audit, audit.c.act == note.NOTED)
    assert "hoster" not in str(row["detail"])
    assert b"hoster" not in row["sealed"]
    (masked,) = await notes(book, case_id)
    assert masked is not None
    assert ("Call them." in masked, CANARY in masked) == (True, False)
    assert await notes(book, case_id, reveal_to=ANNA, reason="to look") == [TEXT]


async def test_it_changes_nothing_and_no_partner_reads_it(book: Casebook) -> None:
    case_id = await book.decided(WHERE, note_to_partner="see page 2")
    before = await book.case(case_id)
    await note.add(book.ctx, case_id, ANNA, TEXT)
    assert await book.case(case_id) == before
    await book.send()
    assert [one.note for one in book.partner.messages()] == ["see page 2"]
    assert all(b"hoster" not in one.payload for call in book.partner.calls for one in call)


async def test_a_closed_case_takes_one_and_an_erased_one_has_none(book: Casebook) -> None:
    case_id = await book.accepted()
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Outcome.REMOVED)
    await note.add(book.ctx, case_id, ANNA, TEXT)
    (erasing,) = await erased(book.ctx, Kept.URLS, [await book.case(case_id)], "router")
    await book.ctx.store.commit(erasing)
    with pytest.raises(NotFound):
        await notes(book, case_id)
    with pytest.raises(NotFound):
        await note.add(book.ctx, case_id, ANNA, TEXT)
