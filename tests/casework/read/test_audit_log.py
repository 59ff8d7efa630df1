from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from router.casework.people import tokens
from router.casework.read.audit_log import checked, trail
from router.errors import BadInput
from schemas.actor import ROUTER, Role
from tests.office import office


async def happen(ctx: Any, times: int) -> None:
    for number in range(times):
        await tokens.add_account(ctx, f"person-{number}", Role.VIEWER, ROUTER)
        ctx.clock.advance(timedelta(seconds=1))


async def test_newest_first_page_by_page_each_once(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        await happen(ctx, 5)
        seen, cursor = [], None
        for _ in range(9):
            page, cursor = await trail(ctx, cursor=cursor, limit=2)
            assert len(page) <= 2
            seen += page
            if cursor is None:
                break
        assert [one.text for one in seen if one.act == "account.added"] == [
            f"account: person-{number}, role: viewer" for number in reversed(range(5))
        ]
        assert len({(one.epoch, one.seq) for one in seen}) == len(seen)


async def test_entries_of_one_moment_are_neither_lost_nor_doubled(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        for number in range(6):
            await tokens.add_account(ctx, f"person-{number}", Role.VIEWER, ROUTER)
        first, cursor = await trail(ctx, limit=4)
        rest, _ = await trail(ctx, cursor=cursor, limit=100)
        numbers = [one.seq for one in (*first, *rest)]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] == 1


@pytest.mark.parametrize("cursor", ["", "1", "1_2", "x_y_1", "1_2_x", "1_" + "e" * 200 + "_1"])
async def test_a_cursor_that_is_not_ours(tmp_path: Path, cursor: str) -> None:
    async with office(tmp_path) as ctx:
        with pytest.raises(BadInput):
            await trail(ctx, cursor=cursor)


async def test_a_chain_as_it_was_written(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        await happen(ctx, 3)
        found = await checked(ctx)
        assert found.findings == ()
        assert found.entries >= 3


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE audit SET detail = '{}' WHERE seq = 3",
        "UPDATE audit SET at = at + 1 WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
    ],
)
async def test_any_change_is_found(tmp_path: Path, deed: str) -> None:
    async with office(tmp_path) as ctx:
        await happen(ctx, 3)
        with apsw.Connection(str(tmp_path / "router.db")) as connection:
            connection.execute(deed)
        assert (await checked(ctx)).findings
