from pathlib import Path
from typing import Any

import apsw
import pytest

from schemas.actor import Role


async def test_every_act_stands_in_the_audit_newest_first_without_a_location(
    console: Any, supervisor: Any, read: Any, canary: str
) -> None:
    case = await console.case()
    await supervisor.send(f"/cases/{case}/reveal", reason=f"look at {canary}")
    page = read((await supervisor.get("/audit")).text)
    assert page.text.index("Location revealed") < page.text.index("Case opened")
    assert "person:anna-supervisor" in page.text
    assert canary not in page.text
    assert {"class": "id", "href": f"/cases/{case}"} in page.all("a")


async def test_an_administrator_reads_it_without_links_to_cases(console: Any, read: Any) -> None:
    case = await console.case()
    page = read((await (await console.person(Role.ADMINISTRATOR)).get("/audit")).text)
    assert f"/cases/{case}" not in [one.get("href") for one in page.all("a")]


async def test_it_is_read_in_pages(console: Any, supervisor: Any, read: Any) -> None:
    for number in range(36):  # each is opened, traced and decided
        await console.case(f"r-{number}", f"https://page{number}.test/")
    first = read((await supervisor.get("/audit")).text)
    older = next(str(one["href"]) for one in first.all("a") if "after=" in str(one.get("href")))
    assert "Account added" not in first.text
    assert "Account added" in read((await supervisor.get(older)).text).text


async def test_a_whole_chain_is_told_as_whole(console: Any, supervisor: Any) -> None:
    await console.case()
    answer = await supervisor.send("/audit")
    assert "The chain is whole" in answer.text


async def test_a_changed_entry_is_found(console: Any, supervisor: Any, tmp_path: Path) -> None:
    await console.case()
    tampered(tmp_path)
    answer = await supervisor.send("/audit")
    assert "The chain is broken" in answer.text
    assert 'role="alert"' in answer.text


def tampered(folder: Path) -> None:
    """Change an entry behind the router's back, as somebody with the file would."""
    with apsw.Connection(str(folder / "router.db")) as connection:
        connection.execute("UPDATE audit SET actor = 'somebody else' WHERE act = 'case.opened'")


@pytest.mark.parametrize("after", ["nonsense", "1_2", "٣_x_1"])
async def test_a_cursor_that_is_not_ours(supervisor: Any, after: str) -> None:
    assert (await supervisor.get(f"/audit?after={after}")).status_code == 422
