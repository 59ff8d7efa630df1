"""Every statement that reaches a database, written down as it was asked, and how many rows it touches there."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import apsw
import asyncpg
import pytest

from router.store.postgres.connections import Connections
from router.store.sqlite import connection as sqlite_connection
from tests.filled import BIG

#: What stores write of a row, or ask of themselves: each names its row by its key.
_READS = re.compile(r"^\s*(SELECT|WITH(?!.*\sUPDATE\s))\b", re.IGNORECASE | re.DOTALL)
_ASKS = re.compile(r"^\s*(SELECT|WITH|UPDATE|DELETE)\b", re.IGNORECASE)
#: A step of a plan that goes through a table from its beginning, in its own order or in that of an index.
_SCAN = re.compile(r"^SCAN (\w+)")


@dataclass
class Recorded:
    """Statements by their text, with values of one time that they were asked."""

    asked: dict[str, Any] = field(default_factory=dict)

    def add(self, text: str, values: Any) -> None:
        if _ASKS.match(text):
            self.asked.setdefault(text, values)


@contextmanager
def recording() -> Iterator[Recorded]:
    """Write down what every connection is asked that is opened meanwhile, of either engine."""
    found = Recorded()
    with pytest.MonkeyPatch.context() as patch:
        connect, open_connection = sqlite_connection.connect, Connections._connect

        def traced(*args: Any, **more: Any) -> apsw.Connection:
            connection = connect(*args, **more)

            def note(_: Any, text: str, values: Any) -> bool:
                found.add(text, values)
                return True

            connection.set_exec_trace(note)
            return connection

        async def logged(self: Connections) -> asyncpg.Connection:
            connection = await open_connection(self)
            connection.add_query_logger(lambda asked: found.add(asked.query, asked.args))
            return connection

        patch.setattr(sqlite_connection, "connect", traced)
        patch.setattr(Connections, "_connect", logged)
        yield found


def touched_on_sqlite(path: str, recorded: Recorded) -> dict[str, tuple[int, list[str]]]:
    """Return by statement how many steps it took, a few for each row that it touches, and its plan.

    What writes is not run again: its plan alone says whether it goes through a big table, which counts as endless.
    """
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    steps: list[int] = []
    connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, lambda event: steps.append(_steps(event)))
    found = {}
    for text, values in recorded.asked.items():
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        scans = [name[1] for step in plan if (name := _SCAN.match(step)) and name[1] in BIG]
        if _READS.match(text):
            steps.clear()
            connection.execute(text, values).fetchall()
            found[text] = (steps[-1], plan)
        else:
            found[text] = (1 << 40 if scans else 0, plan)
    connection.close()
    return found


def _steps(event: dict[str, Any]) -> int:
    return int(event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"])


async def touched_on_postgresql(dsn: str, recorded: Recorded) -> dict[str, tuple[int, list[str]]]:
    """Return by statement how many rows of big tables it touched, and how it got at them. Writes nothing."""
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    found = {}
    for text, values in recorded.asked.items():
        transaction = connection.transaction()
        await transaction.start()
        try:
            (said,) = await connection.fetchrow(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *values)
        finally:
            await transaction.rollback()
        nodes = list(_nodes(json.loads(said)[0]["Plan"]))
        found[text] = (sum(_rows(node) for node in nodes), [_told(node) for node in nodes])
    await connection.close()
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the nodes of a plan that get at rows of big tables."""
    if plan.get("Relation Name") in BIG or _is_of_big_index(plan):
        yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _is_of_big_index(plan: dict[str, Any]) -> bool:
    return plan["Node Type"] == "Bitmap Index Scan"


def _rows(node: dict[str, Any]) -> int:
    looked = node.get("Actual Rows", 0) + sum(node.get(name, 0) for name in _LEFT_OUT)
    return round(looked * node.get("Actual Loops", 1))


_LEFT_OUT = ("Rows Removed by Filter", "Rows Removed by Index Recheck")


def _told(node: dict[str, Any]) -> str:
    return f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')} {_rows(node)}"
