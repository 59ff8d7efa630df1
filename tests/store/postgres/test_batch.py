"""Batches to PostgreSQL: one statement for many rows, in an order that two writers share."""

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from router.store.batches import ChangeBatch, ChangeShape, RowShape
from router.store.postgres.batch import Batches, unique_places
from router.store.schema.tables import cases, items, nonces, partner_state, referrals, reports
from router.store.writer import Writer
from tests.store.samples import NOW, partner, referral

SHAPE = ChangeShape(partner_state, ("partner",), ("failures", "paused"), (), (), fenced=True, keep_claim=False)
ROWS = RowShape(partner_state, tuple(partner().values))


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


def test_the_order_of_adds_is_that_of_the_unique_rule() -> None:
    assert unique_places(RowShape(cases, ("id", "state", "url_bidx"))) == (2,)
    assert set(unique_places(RowShape(reports, ("reference_bidx", "id", "source")))) == {0, 2}
    assert unique_places(RowShape(referrals, ("id", "case_id", "partner"))) == (1, 2)


def test_without_a_unique_rule_or_its_columns_any_order_will_do() -> None:
    assert unique_places(RowShape(items, ("id", "case_id"))) == ()
    assert unique_places(RowShape(cases, ("id", "state"))) == ()
    assert unique_places(RowShape(nonces, ("peer", "nonce", "until"))) == ()


def test_a_batch_is_one_statement_with_an_array_for_each_place() -> None:
    text = Batches(PGDialect_asyncpg())._change_text(SHAPE)
    assert text.count("$") == 4
    assert "unnest($1::TEXT[], $2::INTEGER[], $3::TEXT[], $4::INTEGER[]) WITH ORDINALITY" in text
    assert text.endswith("RETURNING given.n")


@pytest.mark.postgres
async def test_who_found_no_row_is_named_whatever_the_order(store: Writer, url: str) -> None:
    connection = await asyncpg.connect(url)
    batches = Batches(PGDialect_asyncpg())
    await batches.add(connection, ROWS, [tuple(partner(name).values.values()) for name in "dbca"])
    rows = [("d", 1, None, 1), ("x", 1, None, 1), ("a", 1, "why", 9), ("b", 1, "ünï", 1)]
    lost = await batches.change(connection, ChangeBatch(SHAPE, list(rows), [10, 11, 12, 13]))
    assert sorted(lost) == [11, 12]
    found = await connection.fetch("SELECT partner, failures, paused FROM partner_state ORDER BY partner")
    assert [tuple(row) for row in found] == [("a", 0, None), ("b", 1, "ünï"), ("c", 0, None), ("d", 1, None)]
    await connection.close()


@pytest.mark.postgres
async def test_removes_name_their_rows(store: Writer, url: str) -> None:
    connection = await asyncpg.connect(url)
    batches = Batches(PGDialect_asyncpg())
    shape = RowShape(nonces, ("peer", "nonce", "until"))
    await batches.add(connection, shape, [("p", str(n), NOW) for n in range(5)])
    await batches.remove(connection, RowShape(nonces, ("peer", "nonce")), [("p", "1"), ("p", "3"), ("q", "0")])
    found = await connection.fetch("SELECT nonce FROM nonces ORDER BY nonce")
    assert [row[0] for row in found] == ["0", "2", "4"]
    await connection.close()


@pytest.mark.postgres
async def test_columns_that_were_left_out_take_their_default(store: Writer, url: str) -> None:
    connection = await asyncpg.connect(url)
    row = referral("a").values
    await Batches(PGDialect_asyncpg()).add(connection, RowShape(referrals, tuple(row)), [tuple(row.values())])
    found = await connection.fetchrow("SELECT attempts, claims, may_have_arrived, receipt FROM referrals")
    assert tuple(found) == (0, 0, 0, None)
    await connection.close()
