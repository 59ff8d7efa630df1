"""SQLAlchemy Core to text and parameters for our own drivers, compiled once per statement shape.

SQLAlchemy's execution layer is left out (it halves the writer's rate, ADR 0001); its compiler and quoting are not.
"""

from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

#: Distinct statements of the product; a bound only so that a generated statement cannot fill the memory.
CACHE_SIZE = 1000


class Compiler:
    """Compiles for one dialect and remembers what it compiled. Used from one thread."""

    def __init__(self, dialect: Dialect) -> None:
        """`dialect` decides syntax, quoting and the style of parameters."""
        self.dialect = dialect
        self._cache: dict[Any, tuple[SQLCompiler, list[str]]] = {}

    def compile(self, statement: Executable) -> tuple[str, tuple[Any, ...]]:
        """Return the text of a statement and its parameters in order."""
        key = statement._generate_cache_key()  # type: ignore[attr-defined]  # noqa: SLF001 - see tests/store/test_compile.py
        if key is None:
            return _text(self._compiled(statement), {})
        known = self._cache.get(key.key)
        if known is None:
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            known = self._cache[key.key] = self._compiled(statement), [bind.key for bind in key.bindparams]
        compiled, names = known
        values = (bind.effective_value for bind in key.bindparams)
        return _text(compiled, dict(zip(names, values, strict=True)))

    def _compiled(self, statement: Executable) -> SQLCompiler:
        compiled = statement.compile(dialect=self.dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # for the type checker
        return compiled


def _text(compiled: SQLCompiler, values: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    state = compiled.construct_expanded_state(values)
    return state.statement, state.positional_parameters
