"""What was taken back, closed or stopped never leaves afterwards, and nothing leaves twice in effect."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.partners.base import EffectClass
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from schemas.casefile import DeskCode
from schemas.states import ReferralState
from tests.casebook import Casebook, Mail, Scripted, casebook


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


# ------------------------------------------------------------------ a sender that died


@pytest.mark.parametrize(("dialect", "sent"), [(Scripted(), 2), (Mail(), 1)])
async def test_only_where_it_is_harmless_a_dead_senders_bytes_are_sent_again(
    tmp_path: Path, dialect: Scripted, sent: int
) -> None:
    async with casebook(tmp_path, dialect) as book:
        case_id = await book.decided()

        async def dies() -> None:
            raise asyncio.CancelledError

        dialect.meanwhile = dies
        with pytest.raises(asyncio.CancelledError):
            await book.send()
        dialect.meanwhile = None
        await lease_over(book)
        await book.send()
        assert len(dialect.calls) == sent
        row, case = await book.referral(case_id), await book.case(case_id)
        if dialect.effect is EffectClass.IDEMPOTENT:
            assert row["state"] == ReferralState.ACCEPTED
        else:
            assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.UNKNOWN)


async def lease_over(book: Casebook) -> None:
    """Let the leases of dead workers run out, as the database's clock does."""
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in await book.rows(referrals)]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes))
