"""A case opened for one step: everything that belongs to it, and nothing that was erased."""

from dataclasses import replace

import pytest

from router.casework.case.record import case_row, last_hosted, last_trace, open_case, open_cases, referral_rows
from router.casework.case.sealed import case_secrets
from router.casework.deliver.message import hosting
from router.errors import NotFound
from router.hosting.location.url import read
from router.store.base import Remove, Transition
from router.store.schema.tables import case_keys
from schemas.casefile import OriginAsked
from schemas.locator import LocationKind
from schemas.trace import NamedOrigin
from tests.casebook import PAGE, Casebook


async def erase(book: Casebook, case_id: str) -> None:
    """As erasure does it: the key goes, the rest becomes unreadable."""
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": case_id}),)))


async def test_the_location_is_the_one_that_was_read_at_intake(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.take("HTTPS://EXAMPLE.test:443/page?mail=a@b.test")))
    assert opened.locator == read("https://example.test/page?mail=a@b.test", LocationKind.URL)
    assert opened.secrets.flags == opened.locator.flags != ()


async def test_its_items_come_in_the_order_they_joined(book: Casebook) -> None:
    for reference in ("r-1", "r-2", "r-3"):
        case_id = await book.take(PAGE, reference)
    opened = await open_case(book.ctx, await book.case(case_id))
    assert [one.reference for one in opened.items] == ["r-1", "r-2", "r-3"]


async def test_many_cases_are_opened_at_once_and_each_gets_its_own(book: Casebook) -> None:
    ids = [await book.take(f"https://example.test/{n}", f"r-{n}") for n in range(3)]
    opened = await open_cases(book.ctx, ids)
    assert [opened[one].secrets.canonical[-1] for one in ids] == ["0", "1", "2"]
    assert [opened[one].items[0].reference for one in ids] == ["r-0", "r-1", "r-2"]
    assert await open_cases(book.ctx, []) == {}


async def test_an_erased_case_is_left_out_of_many_and_not_found_alone(book: Casebook) -> None:
    gone, here = await book.take(), await book.take("https://other.test/", "r-2")
    await erase(book, gone)
    assert list(await open_cases(book.ctx, [gone, here])) == [here]
    with pytest.raises(NotFound):
        await open_case(book.ctx, await book.case(gone))


async def test_changed_secrets_are_sealed_for_the_same_row(book: Casebook) -> None:
    opened = await open_case(book.ctx, await book.case(await book.take()))
    origin = NamedOrigin(addresses=("3.120.0.1",), by="staff", on="2026-11-22")
    told = opened.secrets.model_copy(update={"origin": origin, "origin_asked": OriginAsked(trace="t", again=7)})
    assert case_secrets(opened.key, opened.id, opened.sealed(told)) == told
    known = replace(opened, secrets=told)
    assert known.locator == opened.locator  # what was asked of others is no part of the location


async def test_the_last_trace_is_the_one_the_row_names(book: Casebook) -> None:
    case_id = await book.take()
    assert await last_trace(book.ctx, await open_case(book.ctx, await book.case(case_id))) is None
    await book.step(case_id)
    found = await last_trace(book.ctx, await open_case(book.ctx, await book.case(case_id)))
    assert found is not None
    assert (found.host, found.verdict.country) == ("example.test", "NL")


async def test_the_traces_of_many_cases_are_not_mixed_up(book: Casebook) -> None:
    ids = [await book.take(f"https://host-{n}.test/", f"r-{n}") for n in range(3)]
    for case_id in ids[:2]:
        await book.step(case_id)
    opened = await open_cases(book.ctx, ids)
    found = await last_hosted(book.ctx, list(opened.values()))
    for case_id in ids[:2]:
        whole = await last_trace(book.ctx, opened[case_id])
        assert whole is not None
        assert whole.host == opened[case_id].secrets.host
        assert hosting(found[case_id]) == hosting(whole)
    assert ids[2] not in found


async def test_rows_are_found_by_the_case(book: Casebook) -> None:
    case_id = await book.decided()
    assert (await case_row(book.ctx, case_id))["id"] == case_id
    assert [row["partner"] for row in await referral_rows(book.ctx, case_id)] == ["hotline-nl"]
    assert await referral_rows(book.ctx, "no such case") == []
    with pytest.raises(NotFound):
        await case_row(book.ctx, "no such case")
