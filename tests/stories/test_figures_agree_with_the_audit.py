"""Counted twice: from what the figures keep, and from the audit chain, which is written by other hands.

Random lives through the use-cases themselves: reports of a few locations by two sources, sent and taken or refused,
closed one way or another, and reported again.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from router.casework.desk import case_acts
from router.casework.read.figures import counted
from router.errors import RouterError
from router.partners.base import Accepted, Refused
from router.store.base import Row
from router.store.schema.tables import audit, cases
from schemas.published import Audience, Period
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook, casebook

YEAR = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))
ENDS = (Outcome.REMOVED, Outcome.UNAVAILABLE, Outcome.SPAM, Outcome.UNRESOLVED)


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


async def lived(book: Casebook, random: Random) -> None:
    for n in range(30):
        where = f"https://example.test/{random.randrange(6)}"
        case_id = await book.take(where, f"r-{n}", random.choice([ANALYSTS, FORM]))
        state = CaseState((await book.case(case_id))["state"])
        if state is CaseState.RECEIVED:
            await book.step(case_id, 2)
        book.partner.script = [random.choice([Accepted("theirs"), Refused("refused", "no")])]
        await book.send()
        if random.random() < 0.4:
            open_ones = await book.rows(cases, cases.c.state != CaseState.CLOSED)
            await close(book, random, random.choice(open_ones))
        book.later(hours=random.randrange(1, 20))


async def close(book: Casebook, random: Random, row: Row) -> None:
    try:
        await case_acts.close(book.ctx, row["id"], ANNA, "so", outcome=random.choice(ENDS))
    except RouterError:
        return  # it cannot be closed so now; nothing was done, and nothing is counted


@pytest.mark.parametrize("seed", range(3))
async def test_the_chain_counts_the_same(book: Casebook, seed: int) -> None:
    await lived(book, Random(seed))  # noqa: S311 - a life, not a secret
    said = await counted(book.ctx, Audience.INTERNAL, YEAR)
    found = {(one.measure, one.dimension, one.key): one.value for one in said.figures}
    entries = await book.rows(audit)
    acts = Counter(row["act"] for row in entries)
    assert acts["item.joined"] > 3, "some were repeated"
    assert found["items", "total", "all"] == acts["case.opened"] + acts["item.joined"]
    assert found["cases", "total", "all"] == found["items", "way", "opened"] == acts["case.opened"]
    ended = Counter(json.loads(row["detail"])["outcome"] for row in entries if row["act"] == "case.closed")
    assert {one: count for (_, by, one), count in found.items() if by == "outcome" and one != "open"} == ended
    tried = Counter(json.loads(row["detail"])["outcome"] for row in entries if row["act"] == "referral.attempted")
    assert min(tried["accepted"], tried["refused"], len(ended)) > 0, "of each there was one"
    assert found["referrals", "total", "all"] == sum(tried.values())
    assert found.get(("referrals", "state", "accepted"), 0) <= tried["accepted"]
    assert found.get(("referrals", "went_wrong", "sent_back"), 0) == tried["refused"]
