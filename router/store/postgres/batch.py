"""Whole batches to PostgreSQL in one round trip each: changes and removes over unnested arrays, adds by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, ColumnElement, Dialect, Index, Table, UniqueConstraint, bindparam, column, func
from sqlalchemy.sql.selectable import TableValuedAlias

from router.store import statements
from router.store.batches import ChangeBatch, ChangeShape, RowShape

#: The column of the unnested table that counts its rows, from 1.
ROW = "n"


class Batches:
    """Runs batches on a connection that is in a transaction; remembers the statement of each shape."""

    def __init__(self, dialect: Dialect) -> None:
        """`dialect` renders numbered parameters with their types."""
        self._dialect = dialect
        self._changes: dict[ChangeShape, str] = {}
        self._removes: dict[RowShape, str] = {}
        self._orders: dict[RowShape, tuple[int, ...]] = {}

    async def change(self, connection: asyncpg.Connection, batch: ChangeBatch) -> list[int]:
        """Run a batch of changes; return the owners of those that found no row."""
        text = self._changes.get(batch.shape)
        if text is None:
            text = self._changes[batch.shape] = self._change_text(batch.shape)
        # Rows stand in the order of their keys, so that two writers meet on the first common row, not in a ring.
        order = sorted(range(len(batch.rows)), key=lambda at: batch.rows[at][: len(batch.shape.keys)])
        arrays = zip(*(batch.rows[at] for at in order), strict=True)
        found = {record[0] for record in await connection.fetch(text, *map(list, arrays))}
        return [batch.owners[at] for n, at in enumerate(order, start=1) if n not in found]

    async def remove(self, connection: asyncpg.Connection, shape: RowShape, rows: Sequence[tuple[Any, ...]]) -> None:
        """Delete the rows of those keys."""
        text = self._removes.get(shape)
        if text is None:
            text = self._removes[shape] = self._remove_text(shape)
        await connection.execute(text, *map(list, zip(*rows, strict=True)))

    async def add(self, connection: asyncpg.Connection, shape: RowShape, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add all rows, in the order of their unique values, so that two writers of the same ones do not deadlock."""
        order = self._orders.get(shape)
        if order is None:
            order = self._orders[shape] = unique_places(shape)
        if order:
            rows = sorted(rows, key=lambda row: tuple(row[at] for at in order))
        await connection.copy_records_to_table(shape.table.name, records=rows, columns=shape.columns)

    def _change_text(self, shape: ChangeShape) -> str:
        places = statements.change_places(shape)
        table = _unnested(shape.table, places)
        return self._text(statements.change(shape, dict(table.c)).returning(table.c[ROW]), places)

    def _remove_text(self, shape: RowShape) -> str:
        places = statements.row_places(shape)
        return self._text(statements.remove(shape, dict(_unnested(shape.table, places).c)), places)

    def _text(self, statement: Any, places: Iterable[str]) -> str:
        # Values that belong to the shape are written into the text; the parameters left are the arrays, in their order.
        state = statement.compile(dialect=self._dialect).construct_expanded_state(dict.fromkeys(places))
        assert list(state.positiontup) == list(places)
        return str(state.statement)


def _unnested(table: Table, places: dict[str, str]) -> TableValuedAlias:
    arrays: list[ColumnElement[Any]] = [
        bindparam(place, type_=ARRAY(table.c[name].type)) for place, name in places.items()
    ]
    columns = [column(place, table.c[name].type) for place, name in places.items()]
    return func.unnest(*arrays).table_valued(*columns, with_ordinality=ROW).render_derived(name="given")


def unique_places(shape: RowShape) -> tuple[int, ...]:
    """Return where, in a row of this shape, the values stand that a unique rule beside the primary key looks at."""
    rules: list[UniqueConstraint | Index] = [
        *(rule for rule in shape.table.constraints if isinstance(rule, UniqueConstraint)),
        *(rule for rule in shape.table.indexes if rule.unique),
    ]
    for rule in rules:
        names = [named.name for named in rule.columns]
        if all(name in shape.columns and not shape.table.c[name].nullable for name in names):
            return tuple(shape.columns.index(name) for name in names)
    return ()
