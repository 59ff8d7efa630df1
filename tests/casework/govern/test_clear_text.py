import pytest

from router.casework.deliver.stops import stops
from router.casework.govern.clear_text import BLIND, blind_key, seal_clear_text
from router.store.base import Add, Transition
from router.store.schema.tables import idempotency
from router.store.schema.tables import stops as table
from tests.casebook import Casebook


def of_before(book: Casebook, number: int) -> Add:
    row = {"client": "source:form", "fingerprint": b"f", "answer": f"{number}", "at": book.ctx.now()}
    return Add(idempotency, {**row, "key": f"https://canary-{number}.test/"})


@pytest.mark.parametrize("count", [0, 1, 1203])
async def test_what_was_kept_in_the_clear_is_sealed_at_the_start(book: Casebook, count: int) -> None:
    row = {"scope": "all", "since": book.ctx.now(), "by": "person:anna", "reason": "for canary", "sealed": None}
    adds = (Add(table, row), *(of_before(book, number) for number in range(count)))
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=adds))
    for _ in range(2):
        await seal_clear_text(book.ctx)
    assert [one.reason for one in await stops(book.ctx)] == ["for canary"]
    rows = await book.rows(idempotency)
    assert {row["key"]: row["answer"] for row in rows} == {
        blind_key(book.ctx, f"https://canary-{number}.test/"): f"{number}" for number in range(count)
    }
    assert "canary" not in str([await book.rows(table), rows])


def test_a_key_is_known_again_and_tells_nothing(book: Casebook) -> None:
    made = blind_key(book.ctx, "canary")
    assert made == blind_key(book.ctx, "canary") != blind_key(book.ctx, "canary ")
    assert made.startswith(BLIND)
    assert "canary" not in made
