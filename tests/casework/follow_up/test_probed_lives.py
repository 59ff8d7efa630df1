"""Random lives of a case whose host is asked: it closes on what the policy counts, and on nothing less.

The oracle is written from the words of docs/policy.md and calls nothing of the product: refusals in a row, none further
than the last that counts by less than a day, while another host has answered within a week.
"""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from router.store.base import Add, Transition
from router.store.schema.tables import probes
from schemas.probe import Probed, ProbeFinding
from schemas.states import CaseState
from schemas.vocabulary import Outcome
from tests.casebook import Casebook, casebook
from tests.casework.follow_up.checks import due

HOUR = 3_600_000_000
FINDINGS = [*[ProbeFinding.REFUSED] * 12, *ProbeFinding]


@dataclass
class Host:
    """Says what the test drew, and remembers when it was asked."""

    book: Casebook
    says: ProbeFinding = ProbeFinding.REFUSED
    asked: list[tuple[int, ProbeFinding]] = field(default_factory=list)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def head(self, url: str, referrer: str | None) -> Probed:
        self.asked.append((self.book.ctx.now(), self.says))
        return Probed(finding=self.says)


def is_gone(asked: list[tuple[int, ProbeFinding]], others: list[int], now: int) -> bool:
    row = []
    for at, said in reversed(asked):
        if said is not ProbeFinding.REFUSED:
            break
        row.insert(0, at)
    counted, last = 0, None
    for at in row:
        if last is None or at - last >= 24 * HOUR:
            counted, last = counted + 1, at
    return counted >= 3 and any(at > now - 7 * 24 * HOUR for at in others)


@pytest.mark.parametrize("seed", range(16))
async def test_it_closes_on_what_the_policy_counts_and_on_nothing_less(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - lives, not secrets
    counts = seed % 4 != 0
    async with casebook(tmp_path) as book:
        policy = book.rules.policy_
        closing = policy.closing.model_copy(update={"refused": counts})
        book.rules.policy_ = policy.model_copy(update={"closing": closing})
        host, others = Host(book), list[int]()
        book.ctx = replace(book.ctx, prober=host)
        case_id = await due(book)
        for _ in range(14):
            if random.random() < 0.3:
                others.append(await _another_answers(book))
            host.says, before = random.choice(FINDINGS), len(host.asked)
            case = await book.step(case_id)
            new = len(host.asked) > before
            gone = counts and new and is_gone(host.asked, others, book.ctx.now())
            assert (case["state"] == CaseState.CLOSED) == gone, (host.asked, others)
            if gone:
                assert case["outcome"] == Outcome.UNAVAILABLE
                break
            book.later(hours=random.choice([6, 24, 25, 130]))


async def _another_answers(book: Casebook) -> int:
    at = book.ctx.now()
    said = {"id": f"p-{at}", "case_id": "another", "at": at, "ended_at": at, "referrer": "none", "finding": "answered"}
    await book.ctx.store.commit(Transition(at, adds=(Add(probes, said),)))
    return at
