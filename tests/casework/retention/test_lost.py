"""What left of cases that a restore lost is forgotten when cases are, counted before, and kept by an embargo."""

import json
from datetime import timedelta

from router.casework.retention.lost import PAGE as AT_ONCE
from router.casework.retention.purge import purge
from router.clock import micros
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.base import Add, Transition
from router.store.schema.tables import audit, left_before_restore
from schemas.retention import Held
from tests.casebook import ANNA, PAGE, Casebook
from tests.casework.referral.test_left_before import left
from tests.casework.retention.lives import CASES, DAY
from tests.embargoes import embargo


async def known(book: Casebook, name: str, ago: timedelta, **more: object) -> None:
    row = left(name, left_at=micros(book.clock.now() - ago), **more)
    await book.ctx.store.commit(Transition(book.ctx.now(), adds=[Add(left_before_restore, row)]))


async def names(book: Casebook) -> set[str]:
    return {row["id"] for row in await book.rows(left_before_restore)}


async def test_it_is_forgotten_by_the_period_of_cases_and_counted_before(book: Casebook) -> None:
    taken_back = micros(book.clock.now() - CASES + DAY)
    await known(book, "over", CASES)
    await known(book, "not yet", CASES - DAY)
    await known(book, "taken back later", CASES + DAY, taken_back_at=taken_back)
    assert (await purge(book.ctx, ANNA, dry_run=True)).lost == 1
    assert len(await names(book)) == 3
    assert (await purge(book.ctx, ANNA)).lost == 1
    assert await names(book) == {"not yet", "taken back later"}
    (said,) = await book.rows(audit, audit.c.act == "purged")
    assert json.loads(said["detail"])["lost"] == 1
    book.clock.advance(DAY)
    assert [(await purge(book.ctx, ANNA)).lost for _ in range(2)] == [2, 0]


async def test_an_embargo_keeps_what_it_names(book: Casebook) -> None:
    await embargo(book.ctx, "url", PAGE, days=300)
    url = book.ctx.keyring.blind("url", identity(read(PAGE)))
    await known(book, "named", CASES, url_bidx=url)
    await known(book, "another", CASES)
    said = await purge(book.ctx, ANNA)
    assert (said.lost, said.held, await names(book)) == (1, {Held.EMBARGO: 1}, {"named"})


async def test_more_than_a_page_of_one_moment(book: Casebook) -> None:
    rows = [left(f"{n:04}", left_at=1) for n in range(AT_ONCE + 1)]
    await book.ctx.store.commit(Transition(1, adds=[Add(left_before_restore, row) for row in rows]))
    assert (await purge(book.ctx, ANNA)).lost == AT_ONCE + 1
    assert await names(book) == set()
