from typing import Any

from router.casework.read.lists import list_cases
from schemas.actor import Role

PAGE = "https://www.canary7f3a-pictures.test/{}"


async def site(console: Any, count: int = 3, **more: Any) -> tuple[list[str], str]:
    ids = [await console.case(f"r-{n}", PAGE.format(n), **more) for n in range(count)]
    return ids, (await list_cases(console.ctx)).items[0].site.tag


def ticked(page: Any) -> list[str]:
    return [one["value"] for one in page.all("input") if one.get("name") == "row"]


async def test_each_row_of_the_desk_leads_to_its_site(console: Any, analyst: Any, read: Any, canary: str) -> None:
    _, tag = await site(console)
    desk = read((await analyst.get("/")).text)
    assert [one["href"] for one in desk.all("a") if "/sites/" in str(one.get("href"))] == [f"/sites/{tag}"] * 3
    assert f"site {tag}, 3 open" in desk.text
    page = read((await analyst.get(f"/sites/{tag}")).text)
    assert ("3 open cases" in page.text, canary in page.text) == (True, False)
    assert ticked(page) == []


async def test_what_it_cannot_be_done_to_is_listed_apart(console: Any, analyst: Any, read: Any) -> None:
    """Two were revealed by this analyst, one was not: nobody calls not illegal what they have not seen."""
    _, tag = await site(console, 2)
    unseen = await console.case("r-9", PAGE.format(9), seen=False)
    page = read((await analyst.get(f"/sites/{tag}?act=not-illegal")).text)
    assert (len(ticked(page)), unseen in str(ticked(page))) == (2, False)
    assert "Not possible for these" in page.text
    assert "not seen by you" in page.text


async def test_those_that_are_ticked_are_closed_and_each_is_answered(console: Any, analyst: Any, read: Any) -> None:
    ids, tag = await site(console)
    page = read((await analyst.get(f"/sites/{tag}?act=close")).text)
    rows = [one for one in ticked(page) if not one.startswith(ids[1])]
    said = {"act": "close", "outcome": "removed", "reason": "the site is gone", "row": rows}
    wrong = await analyst.send_many(f"/sites/{tag}", count=3, **said)
    assert wrong.status_code == 422
    again = read(wrong.text)
    assert "2 are meant" in again.text
    assert [("checked" in one) for one in again.all("input") if one.get("name") == "row"] == [True, False, True]
    done = read((await analyst.send_many(f"/sites/{tag}", count=2, **said)).text)
    assert "2 done, 0 refused" in done.text
    left = read((await analyst.get(f"/sites/{tag}")).text)
    assert "One open case" in left.text
    stale = read((await analyst.send_many(f"/sites/{tag}", count=2, **said)).text)
    assert "0 done, 2 refused" in stale.text


async def test_nothing_ticked_is_said(console: Any, analyst: Any) -> None:
    _, tag = await site(console, 1)
    answer = await analyst.send_many(f"/sites/{tag}", act="retrace", count=1, reason="so", row=[])
    assert (answer.status_code, "Nothing was done" in answer.text) == (422, True)


async def test_five_hundred_rows_are_one_form(console: Any, analyst: Any) -> None:
    _, tag = await site(console, 1)
    rows = [f"01999999-0000-7000-8000-{n:012}.{2**31}" for n in range(500)]
    answer = await analyst.send_many(f"/sites/{tag}", act="retrace", count=500, reason="so", row=rows)
    assert (answer.status_code, "0 done, 500 refused" in answer.text) == (200, True)


async def test_a_viewer_sees_rows_and_no_form(console: Any, read: Any) -> None:
    _, tag = await site(console)
    viewer = await console.person(Role.VIEWER)
    page = read((await viewer.get(f"/sites/{tag}?act=close")).text)
    assert ticked(page) == []
    assert (await viewer.send_many(f"/sites/{tag}", act="close", count=1, row=["x.1"])).status_code == 403


async def test_a_location_is_looked_for_by_who_may_reveal_and_stands_in_no_address(
    console: Any, analyst: Any, read: Any
) -> None:
    ids, _ = await site(console, 2)
    found = await analyst.send("/cases", number=PAGE.format(1))
    links = [one.get("href") for one in read(found.text).all("a")]
    assert (f"/cases/{ids[1]}" in links, f"/cases/{ids[0]}" in links) == (True, False)
    assert "canary" not in "".join(str(one) for one in links)
    viewer = await console.person(Role.VIEWER)
    assert (await viewer.send("/cases", number=PAGE.format(1))).status_code == 403
    assert (await viewer.send("/cases", number="r-1")).status_code == 200
