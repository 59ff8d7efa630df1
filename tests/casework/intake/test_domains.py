"""Every case has the index of its registrable domain: a new one at once, one of before while the router works."""

import asyncio

import pytest

from router.casework.case.marks import account_text
from router.casework.intake import domains
from router.casework.intake.domains import NONE, domain_mark, domain_marks, index_domains
from router.errors import StoreUnavailable
from router.store.base import Change, Remove, Transition
from router.store.schema.tables import case_keys, cases, items
from tests.casebook import Casebook

PAGES = ("https://a.example.test/", "https://b.example.test/2", "https://example.test/", "http://198.51.100.7/")


async def as_of_before(book: Casebook) -> list[str]:
    """Cases whose domain nobody indexed: of three hosts of one domain, and of an address."""
    ids = [await book.take(page, f"r-{at}") for at, page in enumerate(PAGES)]
    await book.ctx.store.commit(
        Transition(book.ctx.now(), [Change(cases, {"id": one}, {"domain_bidx": None}) for one in ids])
    )
    return ids


async def found(book: Casebook, ids: list[str]) -> list[bytes | None]:
    return [(await book.case(one))["domain_bidx"] for one in ids]


async def test_a_new_case_has_it_and_it_is_never_the_index_of_a_host(book: Casebook) -> None:
    ids = [await book.take(page, f"r-{at}") for at, page in enumerate(PAGES)]
    mark = domain_mark(book.ctx.keyring, "example.test")
    assert await found(book, ids) == [mark, mark, mark, NONE]
    assert mark in domain_marks(book.ctx.keyring, "example.test")
    assert mark not in book.ctx.keyring.blinds("host", "example.test")


@pytest.mark.parametrize("page", [1, 3, 200])
async def test_those_of_before_get_it_page_by_page(book: Casebook, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(domains, "_PAGE", page)
    monkeypatch.setattr(domains, "_REST", 0)
    ids = await as_of_before(book)
    versions = [(await book.case(one))["version"] for one in ids]
    await asyncio.gather(index_domains(book.ctx), index_domains(book.ctx))
    mark = domain_mark(book.ctx.keyring, "example.test")
    assert await found(book, ids) == [mark, mark, mark, NONE]
    assert [(await book.case(one))["version"] for one in ids] == versions, "nobody's act is refused for it"


async def cut(rest: object) -> None:
    if rest == "cut":
        raise asyncio.CancelledError


async def test_one_that_was_cut_is_gone_on_with(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "_PAGE", 1)
    ids = await as_of_before(book)
    with monkeypatch.context() as patch:
        patch.setattr(domains, "_REST", "cut")
        patch.setattr(asyncio, "sleep", cut)
        with pytest.raises(asyncio.CancelledError):
            await index_domains(book.ctx)
    assert (await found(book, ids)).count(None) == len(ids) - 1
    monkeypatch.setattr(domains, "_REST", 0)
    await index_domains(book.ctx)
    assert None not in await found(book, ids)


async def test_what_cannot_be_opened_holds_up_nothing(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "_REST", 0)
    ids = await as_of_before(book)
    damaged = Change(cases, {"id": ids[1]}, {"sealed": b"no"})
    await book.ctx.store.commit(Transition(book.ctx.now(), (damaged,), (), (Remove(case_keys, {"case_id": ids[0]}),)))
    await index_domains(book.ctx)
    assert await found(book, ids) == [NONE, NONE, domain_mark(book.ctx.keyring, "example.test"), NONE]


async def test_a_store_that_is_away_is_tried_again(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "_REST", 0)
    monkeypatch.setattr(domains, "_LONG_REST", 0)
    ids = await as_of_before(book)
    commit_all, lost = book.ctx.store.commit_all, [StoreUnavailable()]

    async def once_away(transitions: list[Transition]) -> list[Exception | None]:
        if lost:
            return [lost.pop(), *(None for _ in transitions[1:])]
        return await commit_all(transitions)

    monkeypatch.setattr(book.ctx.store, "commit_all", once_away)
    await index_domains(book.ctx)
    assert None not in await found(book, ids)


async def test_accounts_of_before_are_indexed_by_the_same_turn(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domains, "_REST", 0)
    account = {"platform": "Chat", "handle": "@Somebody"}
    ids = [await book.take(PAGES[0], "r-1", item={"account": account}), await book.take(PAGES[3], "r-2")]
    (named, unnamed) = [await book.rows(items, items.c.case_id == one) for one in ids]
    mark = book.ctx.keyring.blind("account", account_text("chat", "somebody"))
    assert ([row["account_bidx"] for row in named], [row["account_bidx"] for row in unnamed]) == ([mark], [None])
    undone = [Change(cases, {"id": one}, {"domain_bidx": None}) for one in ids]
    undone.append(Change(items, {"id": named[0]["id"]}, {"account_bidx": None}))
    await book.ctx.store.commit(Transition(book.ctx.now(), undone))
    await index_domains(book.ctx)
    (again,) = await book.rows(items, items.c.case_id == ids[0])
    assert again["account_bidx"] == mark
