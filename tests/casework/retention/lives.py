"""A case that is closed, and how long the shipped policy keeps it: shared by the tests of retention."""

from datetime import timedelta
from functools import cache
from typing import Any

from router.casework.desk import case_acts
from router.data.policies import BELGIAN_PROTOCOL
from router.policy.load import load
from schemas.retention import Retention
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook

DAY = timedelta(days=1)


@cache
def periods() -> Retention:
    found = load(BELGIAN_PROTOCOL.read_text(encoding="utf-8")).retention
    assert found is not None
    return found


HANDLES, URLS, CASES, AUDIT = periods().handles, periods().urls, periods().cases, periods().audit


async def closed(book: Casebook, **more: Any) -> str:
    case_id = await book.accepted(**more)
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    return case_id
