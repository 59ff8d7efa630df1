from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from router.store.schema.tables import audit
from schemas.actor import Role


async def test_every_act_stands_in_the_audit_newest_first_without_a_location(
    console: Any, supervisor: Any, read: Any, canary: str
) -> None:
    case = await console.case()
    await supervisor.send(f"/cases/{case}/reveal", reason=f"look at {canary}")
    page = read((await supervisor.get("/audit")).text)
    assert page.text.index("Location revealed") < page.text.index("Case opened")
    assert "anna-supervisor" in page.text
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


async def test_it_is_narrowed_to_a_case_or_a_day_and_tells_how_many_there_are(
    console: Any, supervisor: Any, read: Any
) -> None:
    case, _ = await console.case(), await console.case("r-2", "https://other.test/")
    rows = [line for line in await console.ctx.store.rows(audit.select()) if line["case_id"] == case]
    page = read((await supervisor.get(f"/audit?case={case}")).text)
    assert f"{len(rows)} in all" in page.text
    links = {one["href"] for one in page.all("a") if str(one.get("href")).startswith("/cases/")}
    assert links == {f"/cases/{case}"}
    today = console.ctx.clock.now().date()
    everything = len(await console.ctx.store.rows(audit.select()))
    assert f"{everything} in all" in (await supervisor.get(f"/audit?day={today}")).text
    assert "Nothing has happened yet" in (await supervisor.get(f"/audit?day={today - timedelta(days=1)}")).text
    assert (await supervisor.get("/audit?day=yesterday")).status_code == 422


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


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
async def test_what_is_wrong_with_it_is_said_in_the_language_of_the_house(
    console: Any, tmp_path: Path, language: str
) -> None:
    await console.case()
    tampered(tmp_path)
    page = (await (await console.person(Role.SUPERVISOR, language)).send("/audit")).text
    found = page.partition('role="alert"')[2].partition("</div>")[0]
    assert ("<li>" in found, 'lang="en"' in found) == (True, False)


def tampered(folder: Path) -> None:
    """Change an entry behind the router's back, as somebody with the file would."""
    with apsw.Connection(str(folder / "router.db")) as connection:
        connection.execute("UPDATE audit SET actor = 'somebody else' WHERE act = 'case.opened'")


@pytest.mark.parametrize("after", ["nonsense", "1_2", "٣_x_1"])
async def test_a_cursor_that_is_not_ours(supervisor: Any, after: str) -> None:
    assert (await supervisor.get(f"/audit?after={after}")).status_code == 422


async def test_how_the_chain_stands_and_who_read_it_back(console: Any, supervisor: Any, tmp_path: Path) -> None:
    await console.case()
    assert "never since this is kept" in (await supervisor.get("/audit")).text
    await supervisor.send("/audit")
    auditor = await console.person(Role.AUDITOR)
    page = (await auditor.get("/audit")).text
    assert "entries, whole" in page
    assert page.partition("Read back last")[2].index("anna-supervisor") < 200
    assert "/trails" not in page
    assert 'href="/trails"' in (await supervisor.get("/audit")).text
    tampered(tmp_path)
    await auditor.send("/audit")
    page = (await supervisor.get("/audit")).text
    assert "anna-auditor" in page
    assert "wrong" in page.partition("Read back last")[2][:400]


async def test_the_newest_root_is_taken_as_a_file(console: Any, supervisor: Any) -> None:
    await console.case()
    answer = await supervisor.send("/audit/root")
    assert 'filename="audit-root-1.json"' in answer.headers["content-disposition"]
    assert set(answer.json()) == {"number", "at", "root", "signature"}
    analyst = await console.person(Role.ANALYST)
    assert (await analyst.send("/audit/root")).status_code == 403
    supervisor.csrf = analyst.csrf
    assert (await supervisor.send("/audit/root")).status_code == 403


async def test_who_revealed_what_is_for_those_who_read_the_audit(console: Any, supervisor: Any, canary: str) -> None:
    case = await console.case()
    await supervisor.send(f"/cases/{case}/reveal", reason=f"look at {canary}")
    page = (await supervisor.get("/audit/reveals")).text
    assert "anna-supervisor" in page
    assert f"/cases/{case}" in page
    assert canary not in page
    assert "Nothing was revealed." in (await supervisor.get("/audit/reveals?person=somebody")).text
    assert case in (await supervisor.get(f"/audit/reveals?person=anna-supervisor&day=2026-11-22&case={case}")).text
    for wrong in ("day=soon", "case=1", "person=%3Cscript%3E", "after=x"):
        answer = await supervisor.get(f"/audit/reveals?{wrong}")
        assert answer.status_code == 422
        assert "<script>" not in answer.text
    administrator = await console.person(Role.ADMINISTRATOR)
    assert f"/cases/{case}" not in (await administrator.get("/audit/reveals")).text


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_reads_their_own_reveals_and_nobody_elses(console: Any, supervisor: Any, role: Role) -> None:
    case = await console.case()
    await supervisor.send(f"/cases/{case}/reveal", reason="to look")
    browser = supervisor if role is Role.SUPERVISOR else await console.person(role)
    page = await browser.get("/me/reveals")
    assert page.status_code == 200
    assert (f"/cases/{case}" in page.text) is (role is Role.SUPERVISOR)
    assert (f"/cases/{case}" in (await browser.get("/me/reveals?person=anna-supervisor")).text) is (
        role is Role.SUPERVISOR
    )
    reads = role in {Role.SUPERVISOR, Role.AUDITOR, Role.OFFICER, Role.ADMINISTRATOR}
    assert (await browser.get("/audit/reveals")).status_code == (200 if reads else 403)
    assert 'href="/me/reveals"' in (await browser.get("/me")).text
