"""PostgreSQL keeps every promise of the conformance class, and those of a server that can go away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select

from router.errors import CannotStart, StoreUnavailable
from router.store.base import Transition
from router.store.checkpoint import verify_audit
from router.store.connect import open_store
from router.store.schema.tables import cases, nonces, partner_state
from router.store.writer import Writer
from tests.store.conformance import Conformance
from tests.store.conftest import Opened
from tests.store.proxy import Cut, Proxy, through_proxy
from tests.store.samples import KEYRING, NOW, due, failures, nonce, partner, referral

pytestmark = pytest.mark.postgres


class TestPostgres(Conformance):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
async def proxy(url: str) -> AsyncIterator[Proxy]:
    async with through_proxy(url) as proxy:
        yield proxy


@pytest.fixture
async def away(proxy: Proxy, tmp_path: Path) -> AsyncIterator[Writer]:
    """A store whose network can be cut."""
    store = await open_store(proxy.dsn, tmp_path, KEYRING)
    yield store
    proxy.cut = Cut.NOTHING
    await store.close()


@pytest.mark.parametrize("cut", [Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT])
async def test_a_commit_without_an_answer_is_looked_up(away: Writer, proxy: Proxy, cut: Cut) -> None:
    await away.commit(Transition(NOW, adds=[partner()]))
    proxy.cut = cut
    await away.commit(Transition(NOW, [failures(1, 1)], nonce("a").adds, [], nonce("a").events))
    assert proxy.commits_cut == 1
    (row,) = await away.rows(select(partner_state))
    assert (row["version"], row["failures"]) == (2, 1)  # once, not twice
    await away.commit(nonce("b"))
    verifier, findings = await verify_audit(away.rows, KEYRING)
    assert (verifier.entries, findings) == (2, [])


@pytest.mark.parametrize("cut", [Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT])
async def test_a_claim_without_an_answer_is_looked_up(away: Writer, proxy: Proxy, cut: Cut) -> None:
    await away.commit(Transition(NOW, adds=[referral("a")]))
    proxy.cut = cut
    (row,) = await away.claim(due())
    assert (row["version"], row["claims"], proxy.commits_cut) == (2, 1, 1)


async def test_connections_that_broke_while_idle_are_replaced(away: Writer, proxy: Proxy) -> None:
    await away.commit(nonce("a"))
    await away.rows(select(nonces))
    proxy.break_all()
    assert len(await away.rows(select(nonces))) == 1
    await away.commit(nonce("b"))
    assert len(await away.rows(select(nonces))) == 2


async def test_without_a_server_callers_are_told_and_it_recovers_by_itself(away: Writer, proxy: Proxy) -> None:
    await away.commit(nonce("a"))
    proxy.cut = Cut.ALL
    proxy.break_all()
    with pytest.raises(StoreUnavailable) as caught:
        await away.commit(nonce("b"))
    assert caught.value.retry_after
    with pytest.raises(StoreUnavailable):
        await away.rows(select(nonces))
    mark = away.mark()  # not sooner: the server's word of the first commit may have come after it
    with pytest.raises(StoreUnavailable):
        await away.wait_for_work(5, mark)
    proxy.cut = Cut.NOTHING
    await away.commit(nonce("c"))
    assert sorted(row["nonce"] for row in await away.rows(select(nonces))) == ["a", "c"]
    assert (await verify_audit(away.rows, KEYRING))[1] == []


async def test_a_server_process_that_was_ended_is_no_loss(store: Writer, url: str) -> None:
    await store.commit(nonce("a"))
    admin = await asyncpg.connect(url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await admin.close()
    await store.commit(nonce("b"))
    assert len(await store.rows(select(nonces))) == 2


async def test_two_writers_that_change_the_same_rows_crosswise_both_finish(opened: Opened) -> None:
    one, two = await opened(), await opened()
    names = [str(n) for n in range(30)]
    await one.commit(Transition(NOW, adds=[partner(name) for name in names]))

    async def bump(store: Writer, order: list[str]) -> None:
        for n in range(15):
            await store.commit(Transition(NOW, [failures(n, None, name) for name in order]))

    await asyncio.gather(bump(one, names), bump(two, names[::-1]))


@pytest.mark.parametrize("setting", ["synchronous_commit"])
async def test_a_server_that_may_lose_commits_is_refused(url: str, tmp_path: Path, setting: str) -> None:
    admin = await asyncpg.connect(url)
    name = await admin.fetchval("SELECT current_database()")
    await admin.execute(f'ALTER DATABASE "{name}" SET {setting} = off')
    try:
        with pytest.raises(CannotStart, match=f"{setting} = off"):
            await open_store(url, tmp_path, KEYRING)
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" RESET {setting}')
        await admin.close()


async def test_a_name_that_is_not_let_in_cannot_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="does not let us in"):
        await open_store(f"{url}_not_there", tmp_path, KEYRING)


async def test_open_cases_are_found_by_the_partial_index(store: Writer, url: str) -> None:
    from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

    from router.store.sql_text import Compiler

    wanted = select(cases.c.id).where(cases.c.url_bidx == b"x", cases.c.state != "closed")
    text, values = Compiler(PGDialect_asyncpg()).compile(wanted)
    connection = await asyncpg.connect(
        url, server_settings={"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
    )
    plan = " ".join(row[0] for row in await connection.fetch(f"EXPLAIN {text}", *values))
    await connection.close()
    assert "case_open_url" in plan
