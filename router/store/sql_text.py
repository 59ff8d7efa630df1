"""SQLAlchemy Core to text and parameters for our own drivers, compiled once per statement shape.

SQLAlchemy's execution layer is left out (it halves the writer's rate, ADR 0001); its compiler and quoting are not.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import replacement_traverse

#: Distinct statements of the product; a bound only so that a generated statement cannot fill the memory.
CACHE_SIZE = 1000


class Compiler:
    """Compiles for one dialect and remembers what it compiled; from any thread, as SQLAlchemy uses its own cache."""

    def __init__(self, dialect: Dialect) -> None:
        """`dialect` decides syntax, quoting and the style of parameters."""
        self.dialect = dialect
        self._cache: dict[Any, tuple[SQLCompiler, list[str]]] = {}

    def compile(self, statement: Executable) -> tuple[str, tuple[Any, ...]]:
        """Return the text of a statement and its parameters in order."""
        key = _cache_key(statement)
        known = self._cache.get(key.key)
        if known is None:
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            known = self._cache[key.key] = self._compiled(statement)
        compiled, names = known
        # Statements of one shape differ in their values only, which stand in the key in the same order.
        values = (bind.effective_value for bind in key.bindparams)
        state = compiled.construct_expanded_state(dict(zip(names, values, strict=True)))
        return state.statement, state.positional_parameters

    def _compiled(self, statement: Any) -> tuple[SQLCompiler, list[str]]:
        written_out = replacement_traverse(statement, {}, _written_out)
        compiled = written_out.compile(dialect=self.dialect)
        assert isinstance(compiled, SQLCompiler)  # for the type checker
        return compiled, [bind.key for bind in _cache_key(written_out).bindparams]


@cache
def compiler_for(dialect: Callable[[], Dialect]) -> Compiler:
    """Return a process's one compiler for what makes a dialect: every store of it has the same statements.

    A process of ours opens one or two stores; the tests open thousands, and compiling was a fifth of what they cost.
    """
    return Compiler(dialect())


def _cache_key(statement: Any) -> CacheKey:
    """SQLAlchemy's own key, by which its execution layer caches too."""
    key = statement._generate_cache_key()  # noqa: SLF001 - no public name; tests/store/test_sql_text.py holds it to this
    assert isinstance(key, CacheKey)
    return key


def _written_out(element: Any, **_: Any) -> Any:
    """Write a state into the text instead of binding it: a partial index serves only a condition that names its states.

    There are few states, so there are few texts; a bound one would cost a scan of the whole table.
    """
    if isinstance(element, BindParameter) and element._orig_key == "state":  # noqa: SLF001 - the column it is compared with
        return element.render_literal_execute()
    return None
