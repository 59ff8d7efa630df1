"""What the database's own clock shows, as one expression for both databases: microseconds since the epoch."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class DatabaseNow(FunctionElement[int]):
    """The moment at which the statement runs, whatever transaction it is in."""

    inherit_cache = True
    name = "database_now"
    type = BigInteger()


@compiles(DatabaseNow, "sqlite")
def _sqlite(*_: Any, **__: Any) -> str:
    """SQLite's clock has milliseconds."""
    return "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"


@compiles(DatabaseNow, "postgresql")
def _postgresql(*_: Any, **__: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


DATABASE_NOW = DatabaseNow()
