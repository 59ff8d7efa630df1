"""Any number of rows is added by few statements, and none is lost at a seam."""

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.store.batches import RowShape
from router.store.schema.tables import cases, decisions, metadata, nonces
from router.store.sqlite.many_rows import SIZES, insert_rows, insert_text, pieces

#: The longest text apsw keeps prepared (its documentation, "statement cache").
KEPT = 16_384


@given(st.integers(0, 5000))
def test_the_pieces_cover_every_row_once(count: int) -> None:
    covered = [at for start, size in pieces(count) for at in range(start, start + size)]
    assert covered == list(range(count))
    assert all(size in SIZES for _, size in pieces(count))


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 127, 200])
def test_every_row_arrives_as_it_was(count: int) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE nonces (peer, nonce, until)")
    rows = [(f"p{n}", None, n) for n in range(count)]
    insert_rows(connection, RowShape(nonces, ("peer", "nonce", "until")), rows)
    assert connection.execute("SELECT peer, nonce, until FROM nonces ORDER BY until").fetchall() == rows


def test_the_longest_statement_stays_prepared() -> None:
    for table in metadata.tables.values():
        shape = RowShape(table, tuple(column.name for column in table.columns))
        assert len(insert_text(shape, max(SIZES))) < KEPT
        assert len(shape.columns) * max(SIZES) < 32_766  # SQLite's most parameters
    assert cases.name in metadata.tables


def test_names_that_are_words_of_sql_are_quoted() -> None:
    assert '"by"' in insert_text(RowShape(decisions, ("id", "by")), 1)
