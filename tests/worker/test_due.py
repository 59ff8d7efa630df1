"""What is due is found by seeks: the earliest date of the cases, and of each partner's referrals."""

from pathlib import Path
from typing import Any

import pytest

from router.casework.context import Context
from router.store.base import Add, Transition
from router.store.compile import Compiler
from router.store.ids import new_id
from router.store.tables import referrals
from router.worker import due
from tests.office import office


def referral(partner: str, next_at: int | None, rank: int = 2, state: str = "waiting") -> Add:
    row: dict[str, Any] = {
        "id": new_id(), "case_id": new_id(), "decision_id": new_id(), "partner": partner, "route": "r", "is_copy": 0,
        "state": state, "version": 1, "next_at": next_at, "claims": 0, "rank": rank, "lane": "normal", "attempts": 0,
        "created_at": 1, "may_have_arrived": 0,
    }  # fmt: skip
    return Add(referrals, row)


async def added(ctx: Context, *adds: Add) -> None:
    await ctx.store.commit(Transition(1, adds=adds))


async def test_nothing_is_due_in_an_empty_store(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        found = await due.look(ctx.store)
    assert (found.cases, found.partners, found.first) == (None, {}, None)


async def test_each_partner_has_its_earliest_date_of_all_ranks(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        await added(
            ctx,
            referral("nl", 30, rank=0),
            referral("nl", 20, rank=3),
            referral("ca", 50),
            referral("de", None, state="refused"),
        )
        found = await due.look(ctx.store)
    assert found.partners == {"nl": 20, "ca": 50}
    assert found.first == 20


@pytest.mark.parametrize("statement", [due._CASES, due._REFERRALS], ids=["cases", "referrals"])
async def test_no_table_is_scanned(tmp_path: Path, statement: Any) -> None:
    """A million rows that wait for next week must cost nothing: SQLite's own plan says it seeks."""
    import apsw

    from router.store.engine_sqlite import _dialect

    async with office(tmp_path):
        pass
    text, parameters = Compiler(_dialect()).compile(statement)
    connection = apsw.Connection(str(tmp_path / "router.db"))
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
    assert [step for step in plan if step.startswith(("SCAN cases", "SCAN referrals")) and "INDEX" not in step] == []
    assert [step for step in plan if "USING" in step] != []
