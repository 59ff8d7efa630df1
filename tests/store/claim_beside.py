"""What every engine promises of what is committed beside a claim; a part of `conformance`."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Change, Event, Transition
from router.store.checkpoint import verify_audit
from router.store.schema.tables import audit, partner_state, referrals
from router.store.writer import Writer
from tests.store.conftest import Opened
from tests.store.samples import KEYRING, NOW, due, partner, referral


def spending(version: int) -> Transition:
    """What a sender spends with its claim, and says so."""
    change = Change(partner_state, {"partner": "nl"}, {"sent_today": version}, version)
    return Transition(NOW, [change], events=[Event("spent", "router", detail={"version": version})])


async def spent(store: Writer) -> int:
    return int((await store.rows(select(partner_state.c.version)))[0]["version"])


async def claimed(store: Writer) -> Counter[Any]:
    return Counter(row["claimed_by"] for row in await store.rows(select(referrals.c.claimed_by)))


async def written(store: Writer) -> int:
    """How many entries the audit chain has, which stands."""
    assert (await verify_audit(store.rows, KEYRING))[1] == []
    return len(await store.rows(select(audit.c.seq)))


class BesideClaims:
    async def test_it_is_committed_with_what_is_claimed(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner("nl"), referral("a"), referral("b")]))
        assert len(await store.claim(due(1), spending(1))) == 1
        assert len(await store.claim(due(1), spending(2))) == 1
        assert await spent(store) == 3
        assert await written(store) == 2

    async def test_where_nothing_is_claimed_nothing_of_it_is(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner("nl")]))
        assert await store.claim(due(), spending(1)) == []
        assert await spent(store) == 1
        await store.commit(spending(1))  # the chain goes on where it stood
        assert await written(store) == 1

    async def test_a_fence_that_is_lost_claims_nothing(self, store: Writer) -> None:
        await store.commit(Transition(NOW, adds=[partner("nl"), referral("a")]))
        with pytest.raises(Conflict):
            await store.claim(due(), spending(7))
        with pytest.raises(Conflict) as clash:
            await store.claim(due(), Transition(NOW, adds=[partner("nl")]))
        assert clash.value.reason == "duplicate"
        assert (await claimed(store), await spent(store)) == (Counter({None: 1}), 1)
        assert len(await store.claim(due(), spending(1))) == 1

    async def test_of_two_stores_one_at_a_time_spends_and_claims(self, opened: Opened) -> None:
        one, two = await opened(), await opened()
        await one.commit(Transition(NOW, adds=[partner("nl"), *(referral(f"{n:03}") for n in range(60))]))

        async def drain(store: Writer, owner: str) -> int:
            turns = 0
            while None in await claimed(store):
                try:
                    turns += bool(await store.claim(due(4, owner), spending(await spent(store))))
                except Conflict:
                    continue  # the other was faster
            return turns

        turns = await asyncio.gather(drain(one, "one"), drain(two, "two"))
        assert await spent(one) == 1 + sum(turns)
        assert sum((await claimed(one)).values()) == 60
        assert all(row["claims"] == 1 for row in await one.rows(select(referrals.c.claims)))
