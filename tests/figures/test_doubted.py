"""What was dated between a clock's jump and the beat that finds it is marked as if it had been found at once.

The oracle is the product's other way: the same acts after the beat, where triggers mark each date as it is written.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework import believed
from router.casework.believed import beat, doubt
from router.casework.desk import look
from router.figures import doubted
from router.figures.doubted import unmarked
from router.store.base import Add, Transition
from router.store.schema.tables import figure_cases, figure_doubts, meta
from schemas.acts import Finding
from tests.casebook import ANNA, Casebook, casebook

JUMPS = [2, 30, 400, -2, -30, -400]


async def acts(book: Casebook, name: str) -> str:
    """A case of which our clock measures everything that it measures at all."""
    now = book.clock.now().isoformat()
    case_id = await book.accepted(location=f"https://example.test/{name}", reference=name, received_at=now)
    await look.look(book.ctx, case_id, ANNA, "seen", finding=Finding.GONE)
    return case_id


async def marked_after(folder: Path, days: int, *, found_at_once: bool) -> Counter[tuple[str, bool]]:
    """The marks, each with whether it is of what was dated before the jump."""
    folder.mkdir()
    async with casebook(folder) as book:
        book.later(days=500)
        await beat(book.ctx)
        before = {await acts(book, "before")}
        book.later(hours=30)
        await beat(book.ctx)
        book.clock.move(timedelta(days=days))
        if found_at_once:
            await beat(book.ctx)
        await acts(book, "after")
        book.later(seconds=20)
        await beat(book.ctx)
        assert await doubt(book.ctx) is not None
        assert not await book.rows(meta, meta.c.name == "clock_unmarked")
        await beat(book.ctx)
        return Counter((row["what"], row["case_id"] in before) for row in await book.rows(figure_doubts))


@pytest.mark.parametrize("days", JUMPS)
async def test_it_is_marked_as_if_it_had_been_found_at_once(tmp_path: Path, days: int) -> None:
    at_once = await marked_after(tmp_path / "a", days, found_at_once=True)
    assert len(at_once) >= 5
    assert await marked_after(tmp_path / "b", days, found_at_once=False) == at_once
    assert not any(was_before for _, was_before in at_once)


async def test_cut_in_the_middle_the_next_beat_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubted, "_PAGE", 2)
    async with casebook(tmp_path) as book:
        await beat(book.ctx)
        book.clock.move(timedelta(days=30))
        for n in range(5):
            await acts(book, str(n))
        commit, left = book.ctx.store.commit, 3

        async def dying(transition: Transition) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise ConnectionAbortedError
            return await commit(transition)

        with monkeypatch.context() as patched:
            patched.setattr(book.ctx.store, "commit", dying)
            with pytest.raises(ConnectionAbortedError):
                await beat(book.ctx)
        some = await book.rows(figure_doubts)
        assert some
        await beat(book.ctx)
        all_of_them = await book.rows(figure_doubts)
        assert len(all_of_them) > len(some)
        assert {row["case_id"] for row in all_of_them} == {row["id"] for row in await book.rows(figure_cases)}
        assert not await book.rows(meta, meta.c.name == "clock_unmarked")


async def test_what_partners_and_reporters_date_is_theirs(tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        case_id = await acts(book, "one")
        (row,) = await book.rows(figure_cases)
        first, last = row["opened_at"], book.ctx.now()
        marks = [one.values async for adds in unmarked(book.ctx.store, first, last) for one in adds]
        assert {one["case_id"] for one in marks} == {case_id}
        assert ("received_at" in {one["what"] for one in marks}) is (row["received_at"] == row["opened_at"])
        await book.ctx.store.commit(Transition(0, adds=tuple(Add(figure_doubts, one) for one in marks)))
        assert [adds async for adds in unmarked(book.ctx.store, first, last) if adds] == []
        assert last - first < believed.DAY
