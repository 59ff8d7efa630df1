"""How the chain stands, who read it back last, and who revealed what: in the order it was done, and nobody compared."""

from datetime import date

import pytest

from router.casework.read import case_file
from router.casework.read.audit.state import chain_state, note_verified, reveals
from router.casework.read.audit_log import checked
from router.errors import BadInput
from router.store.schema.tables import audit
from schemas.actor import Role
from schemas.audit import RevealsWanted
from tests.casebook import ANNA, PAGE, Casebook
from tests.office import person

BEN = person("ben", Role.ANALYST)
ALL = RevealsWanted()


async def revealed(book: Casebook) -> list[str]:
    """Three reveals of two cases by two people, each an hour after the other, the last one on the next day."""
    cases = [await book.take(f"{PAGE}/{n}", f"r-{n}") for n in range(2)]
    for case_id, actor, hours in ((cases[0], ANNA, 1), (cases[1], BEN, 1), (cases[0], BEN, 14)):
        book.later(hours=hours)
        await case_file.case_file(book.ctx, case_id, reveal_to=actor, reason="to look")
    return cases


async def found(book: Casebook, **wanted: object) -> list[tuple[str, str]]:
    entries, _ = await reveals(book.ctx, RevealsWanted.model_validate(wanted))
    return [(one.actor.partition(":")[2], str(one.case)) for one in entries]


async def test_reveals_are_read_by_person_by_day_and_by_case(book: Casebook) -> None:
    first, second = await revealed(book)
    everything = [("ben", first), ("ben", second), ("anna", first)]
    assert await found(book) == everything
    assert await found(book, person="anna") == [("anna", first)]
    assert await found(book, person="an") == []
    assert await found(book, day=date(2026, 11, 22)) == everything[1:]
    assert await found(book, day=date(2026, 11, 23)) == everything[:1]
    assert await found(book, case=first) == [("ben", first), ("anna", first)]
    assert await found(book, case=first, person="ben") == [("ben", first)]


async def test_pages_leave_nothing_out(book: Casebook) -> None:
    await revealed(book)
    whole, nothing = await reveals(book.ctx, ALL)
    assert nothing is None
    seen, cursor = await reveals(book.ctx, ALL, limit=2)
    rest, end = await reveals(book.ctx, ALL, cursor=cursor, limit=2)
    assert ([*seen, *rest], end) == (whole, None)
    with pytest.raises(BadInput):
        await reveals(book.ctx, ALL, cursor="nonsense")


async def test_the_chain_says_its_head_and_who_read_it_back_last(book: Casebook) -> None:
    await book.take()
    before = await chain_state(book.ctx)
    assert before.verified is None
    assert before.head is not None
    rows = await book.rows(audit)
    assert before.entries == len(rows)
    newest = max((row for row in rows if row["epoch"] == before.head.epoch), key=lambda row: int(row["seq"]))
    assert before.head.hash == bytes(newest["hash"]).hex()
    for actor in (ANNA, BEN):
        await note_verified(book.ctx, await checked(book.ctx), actor)
    after = await chain_state(book.ctx)
    assert after.verified is not None
    assert (after.verified.by, after.verified.when, after.verified.findings) == (BEN.id, book.clock.now(), 0)
    assert after.entries == before.entries + 2
    assert (await checked(book.ctx)).findings == ()
    await book.ctx.store.checkpoint(book.ctx.now())
    signed = await chain_state(book.ctx)
    assert (signed.signed, signed.signed_at) == (1, book.clock.now())
