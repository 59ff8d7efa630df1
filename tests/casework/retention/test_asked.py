"""Closed requests are forgotten when cases are, counted before; an open one never."""

import json

from router.casework.govern import requests
from router.casework.retention.purge import purge
from router.store.schema.tables import audit
from router.store.schema.tables import requests as table
from schemas.requests import RequestCloses, RequestOutcome
from tests.asked import DORA, agreed
from tests.casebook import ANNA, PAGE, Casebook
from tests.casework.retention.lives import CASES, DAY

ENDED = RequestCloses(outcome=RequestOutcome.GRANTED, reason="told")


async def test_it_is_forgotten_by_the_period_of_cases(book: Casebook) -> None:
    closed, still = await agreed(book.ctx, ("url", PAGE)), await agreed(book.ctx, ("url", PAGE))
    await requests.close(book.ctx, closed.id, ENDED, DORA)
    book.clock.advance(CASES - DAY)
    assert (await purge(book.ctx, ANNA)).requests == 0
    book.clock.advance(DAY)
    assert (await purge(book.ctx, ANNA, dry_run=True)).requests == 1
    assert len(await book.rows(table)) == 2
    assert (await purge(book.ctx, ANNA)).requests == 1
    assert [row["id"] for row in await book.rows(table)] == [still.id]
    (said,) = await book.rows(audit, audit.c.act == "purged")
    assert json.loads(said["detail"])["requests"] == 1
    assert (await purge(book.ctx, ANNA)).requests == 0
