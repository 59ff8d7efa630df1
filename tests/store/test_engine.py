"""What both engines share beside the protocol."""

import inspect

import pytest

from router.store.engine import Engine, as_dicts, broken_rule
from router.store.postgres.engine import PostgresEngine
from router.store.sqlite.engine import SqliteEngine

PROMISES = [name for name, _ in inspect.getmembers(Engine, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("engine", [SqliteEngine, PostgresEngine])
def test_both_engines_keep_the_protocol_and_add_nothing_to_it(engine: type) -> None:
    public = {name for name, _ in inspect.getmembers(engine, inspect.isfunction) if not name.startswith("_")}
    assert public == set(PROMISES)
    for name in PROMISES:
        assert list(inspect.signature(getattr(engine, name)).parameters) == list(
            inspect.signature(getattr(Engine, name)).parameters
        )


def test_rows_become_dicts_by_name() -> None:
    assert as_dicts(["a", "b"], [(1, 2), (3, 4)]) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    with pytest.raises(ValueError, match="zip"):
        as_dicts(["a"], [(1, 2)])


def test_a_broken_rule_is_named_when_it_has_a_name() -> None:
    assert "nothing_waits_unseen" in str(broken_rule("nothing_waits_unseen"))
    assert "without a name" in str(broken_rule(None))
