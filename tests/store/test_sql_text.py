"""Statements are compiled once per shape, with the values of each call; states stand in the text."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Dialect, and_, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from router.store.schema.tables import cases, decisions, referrals
from router.store.sql_text import Compiler, compiler_for
from schemas.states import CaseState

DIALECTS = [SQLiteDialect(paramstyle="qmark"), PGDialect_asyncpg()]


@pytest.fixture(params=DIALECTS, ids=["sqlite", "postgresql"])
def compiler(request: pytest.FixtureRequest) -> Compiler:
    dialect: Dialect = request.param
    return Compiler(dialect)


def test_the_values_are_those_of_the_call_not_of_the_first_one(compiler: Compiler) -> None:
    texts = set()
    for n in range(5):
        text, values = compiler.compile(select(cases.c.id).where(cases.c.id == f"c{n}", cases.c.next_at <= n).limit(n))
        texts.add(text)
        assert values[:3] == (f"c{n}", n, n)
    assert len(texts) == len(compiler._cache) == 1


def test_a_list_is_as_long_as_it_is(compiler: Compiler) -> None:
    for wanted in ([], ["a"], ["a", "b", "c"]):
        text, values = compiler.compile(select(cases.c.id).where(cases.c.id.in_(wanted), cases.c.next_at == 1))
        assert sorted(map(str, values)) == ["1", *wanted]
        assert text.count("?") + text.count("$") == len(values)


@pytest.mark.parametrize("state", [CaseState.CLOSED, "closed"])
def test_a_state_stands_in_the_text_so_that_a_partial_index_serves(compiler: Compiler, state: str) -> None:
    statement = select(cases.c.id).where(and_(cases.c.url_bidx == b"x", cases.c.state != state))
    text, values = compiler.compile(statement)
    assert "cases.state != 'closed'" in text
    assert values == (b"x",)


def test_states_of_one_shape_do_not_stick(compiler: Compiler) -> None:
    found = [
        compiler.compile(select(cases.c.id).where(cases.c.state == state, cases.c.next_at == at))
        for at, state in enumerate(["received", "closed", "it's"])
    ]
    for at, (state, (text, values)) in enumerate(zip(["received", "closed", "it''s"], found, strict=True)):
        assert f"'{state}'" in text
        assert values == (at,)


def test_a_list_of_states_stands_in_the_text_too(compiler: Compiler) -> None:
    for states in (["waiting"], ["waiting", "held"]):
        text, values = compiler.compile(select(referrals.c.id).where(referrals.c.state.in_(states)))
        assert f"IN ({', '.join(repr(state) for state in states)})" in text
        assert values == ()


def test_names_that_are_words_of_sql_are_quoted() -> None:
    assert 'decisions."by"' in Compiler(DIALECTS[0]).compile(select(decisions.c.by))[0]


def test_the_cache_does_not_grow_without_end(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.store.sql_text.CACHE_SIZE", 3)
    columns = list(cases.c)
    for n in range(1, 10):
        compiler.compile(select(*columns[:n]))
    assert len(compiler._cache) <= 3


def test_one_compiler_serves_every_store_of_a_process_and_every_thread_of_it() -> None:
    def sqlite_dialect() -> Dialect:
        return DIALECTS[0]

    shared = compiler_for(sqlite_dialect)
    assert compiler_for(sqlite_dialect) is shared

    def asked(n: int) -> tuple[str, tuple[object, ...]]:
        wanted = [f"c{n}"] * (n % 7)
        return shared.compile(select(cases.c.id).where(cases.c.id.in_(wanted), cases.c.state == f"s{n % 3}"))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(asked, range(400)))
    for n, (text, values) in enumerate(found):
        assert values == (f"c{n}",) * (n % 7)
        assert f"'s{n % 3}'" in text
        assert text.count("?") == len(values)
