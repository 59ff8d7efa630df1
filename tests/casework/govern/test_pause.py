"""A pause ends: by a person, or because the partner answered its check; nothing holds a partner for ever."""

import pytest

from router.casework.deliver.partner_state import standing, tried
from router.casework.govern import partner_check, pause
from router.delivery.partner_state import Breaker
from router.errors import BadInput, Conflict, NotFound
from router.partners.base import Deferred, Reason
from router.store.schema.tables import audit
from tests.casebook import ANNA, Casebook


async def state_of(book: Casebook) -> tuple[str | None, Breaker, int | None]:
    found = (await standing(book.ctx, "hotline-nl")).state
    return found.paused, found.breaker, found.since


async def closed_its_address(book: Casebook) -> None:
    known = await standing(book.ctx, "hotline-nl")
    await tried(book.ctx, known, [[Deferred(Reason.GONE, "HTTP 410", 900.0, counted=False)]])


async def test_a_pause_is_kept_and_ended_by_people_with_a_reason(book: Casebook) -> None:
    await pause.pause(book.ctx, "hotline-nl", ANNA, "they move their servers")
    assert await state_of(book) == ("staff", Breaker.CLOSED, book.ctx.now())
    with pytest.raises(Conflict, match="paused already"):
        await pause.pause(book.ctx, "hotline-nl", ANNA, "once more")
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they moved")
    assert (await state_of(book))[0] is None
    acts = [row["act"] for row in await book.rows(audit) if row["act"].startswith("partner.")]
    assert acts == ["partner.paused", "partner.resumed"]


async def test_a_closed_address_is_opened_again_by_a_person(book: Casebook) -> None:
    await closed_its_address(book)
    assert (await state_of(book))[0] == "gone"
    await pause.resume(book.ctx, "hotline-nl", ANNA, "they gave us the new address")
    assert (await standing(book.ctx, "hotline-nl")).state.paused is None


async def test_a_check_that_is_answered_ends_any_pause(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    async def newest(_store: object) -> object:
        return book.rules.directory_

    async def imported(*_: object, **__: object) -> int:
        return 1

    monkeypatch.setattr(partner_check, "newest_directory", newest)
    monkeypatch.setattr(partner_check, "import_directory", imported)
    await closed_its_address(book)
    await partner_check.check_partners(book.ctx, ANNA, "hotline-nl")
    assert (await state_of(book))[0] is None


async def test_nobody_resumes_what_nothing_holds(book: Casebook) -> None:
    with pytest.raises(Conflict, match="Nothing holds"):
        await pause.resume(book.ctx, "hotline-nl", ANNA, "go")
    with pytest.raises(NotFound):
        await pause.pause(book.ctx, "nobody", ANNA, "go")
    with pytest.raises(BadInput):
        await pause.pause(book.ctx, "hotline-nl", ANNA, " ")
    await pause.end_pause(book.ctx, "hotline-nl", ANNA)
    assert await state_of(book) == (None, Breaker.CLOSED, None)
