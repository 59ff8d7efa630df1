"""The statements of a writer, as SQLAlchemy Core: a fenced change, a remove, a claim.

They are written once, over a `Source` of values: bound parameters where the driver runs a row at a time (SQLite), or
the columns of an unnested table of rows where it runs a batch at once (PostgreSQL).
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Table,
    Update,
    and_,
    delete,
    false,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)

from router.store.base import Claim
from router.store.batches import ChangeShape, RowShape
from router.store.database_now import DATABASE_NOW

#: Where the value of a named place comes from: k0, k1 (keys), v0 (values), g0 (guards), fence (version); c0 (columns).
Source = Mapping[str, ColumnElement[Any]]

#: No lease is longer, in microseconds: the longest is of a case, four calls of at most two minutes each.
LONGEST_LEASE: Final = 3_600_000_000
#: A row that its worker let go of: `claims` counts tries without an outcome, and this is one.
_LET_GO: Mapping[str, Any] = {"claimed_by": null(), "claimed_until": null(), "claims": literal_column("0")}


def change_places(shape: ChangeShape) -> dict[str, str]:
    """Return place -> column for the values of a row of this shape, in the row's order."""
    places = {f"k{n}": name for n, name in enumerate(shape.keys)}
    places |= {f"v{n}": name for n, name in enumerate(shape.values)}
    places |= {f"g{n}": name for n, name in enumerate(shape.guards)}
    return places | ({"fence": "version"} if shape.fenced else {})


def row_places(shape: RowShape) -> dict[str, str]:
    """Return place -> column for the values of a row of this shape, in the row's order."""
    return {f"c{n}": name for n, name in enumerate(shape.columns)}


def change(shape: ChangeShape, source: Source) -> Update:
    """Return the UPDATE of a shape: set the values where the key, the fence and the guards hold."""
    columns = shape.table.c
    values: dict[str, Any] = {}
    if shape.fenced:
        values["version"] = columns.version + literal_column("1")
        if not shape.keep_claim:
            values |= {name: value for name, value in _LET_GO.items() if name in columns}
    values |= {name: source[f"v{n}"] for n, name in enumerate(shape.values)}
    # A change that only guards (values of nothing) still has to be an UPDATE that finds its row.
    values = values or {name: columns[name] for name in shape.keys}
    return update(shape.table).where(*_conditions(shape, source)).values(values)


def _conditions(shape: ChangeShape, source: Source) -> list[ColumnElement[bool]]:
    columns = shape.table.c
    conditions = [columns[name] == source[f"k{n}"] for n, name in enumerate(shape.keys)]
    conditions += [columns[name].is_not_distinct_from(source[f"g{n}"]) for n, name in enumerate(shape.guards)]
    conditions += [_one_of(columns[name], allowed) for name, allowed in shape.allowed]
    if shape.fenced:
        conditions.append(columns.version == source["fence"])
    return conditions


def _one_of(column: ColumnElement[Any], allowed: tuple[Any, ...]) -> ColumnElement[bool]:
    """Allowed values belong to the shape, so they are written into the statement instead of each row."""
    return or_(
        false(),  # no value is allowed by an empty tuple
        *(
            column.is_(null()) if value is None else column == literal(value, column.type, literal_execute=True)
            for value in allowed
        ),
    )


def remove(shape: RowShape, source: Source) -> Delete:
    """Return the DELETE of a shape."""
    return delete(shape.table).where(*(shape.table.c[name] == source[f"c{n}"] for n, name in enumerate(shape.columns)))


def claimable(claim: Claim) -> Select[Any]:
    """Return the SELECT of the keys a claim takes, locked against other claimers where the database can.

    A lease that ends later than any can was written while the database's clock was ahead: it holds nobody any more.
    """
    columns = claim.table.c
    until = columns.claimed_until
    free = or_(until.is_(None), until < DATABASE_NOW, until > DATABASE_NOW + LONGEST_LEASE)
    drawn = () if claim.quota is None else (claim.quota.draws_on.label("draws_on"),)
    return (
        select(key_of(claim.table), *drawn)
        .where(and_(claim.where, free))
        .order_by(*claim.order_by)
        .limit(claim.limit)
        .with_for_update(skip_locked=True)
    )


def take(claim: Claim, found: ColumnElement[bool]) -> Update:
    """Return the UPDATE that leases the rows that were found and gives them back."""
    columns = claim.table.c
    values = {
        **claim.values,
        "claimed_by": claim.owner,
        "claimed_until": DATABASE_NOW + int(claim.lease * 1_000_000),
        "version": columns.version + 1,
        "claims": columns.claims + 1,
    }
    return update(claim.table).where(found).values(values).returning(*columns)


def key_of(table: Table) -> ColumnElement[Any]:
    """Return the primary key of a table that can be claimed: one column."""
    (key,) = table.primary_key.columns
    return key


def in_order(keys: list[Any], rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return rows in the order of their keys: RETURNING promises none."""
    by_key = {row[name]: row for row in rows}
    return [by_key[key] for key in keys]
