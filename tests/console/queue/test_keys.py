from typing import Any

from router.console.queue.key_table import COOKIE, KEYS
from schemas.actor import Role


async def test_the_help_is_a_page_that_names_every_key(console: Any, analyst: Any, read: Any) -> None:
    page = read((await analyst.get("/keys")).text)
    assert [one["data-key"] for one in page.all("div") if "data-key" in one] == [one.key for one in KEYS] * 2
    assert "Say that it is not illegal" in page.text or "Not illegal" in page.text
    assert 'href="/keys"' in (await analyst.get("/")).text


async def test_nobody_is_told_of_a_key_that_does_nothing_for_them(console: Any, read: Any) -> None:
    viewer = await console.person(Role.VIEWER)
    keys = {one["data-key"] for one in read((await viewer.get("/keys")).text).all("div") if "data-key" in one}
    assert keys == set("jkx/g.e?av") | {"Enter"}, "of a child at risk everybody is told"


async def test_a_person_switches_them_off_and_on_again(console: Any, analyst: Any) -> None:
    off = await analyst.send("/keys", keys="off")
    assert off.headers["location"] == "/keys?done=keys-off"
    page = (await analyst.get("/")).text
    assert ('id="keys"' in page, "data-key" in page) == (False, False), "the script finds no keys there"
    assert "The keys are off in this browser" in (await analyst.get("/keys?done=keys-off")).text
    await analyst.send("/keys", keys="on")
    assert 'id="keys"' in (await analyst.get("/")).text
    assert COOKIE not in analyst.client.cookies


async def test_the_next_item_is_asked_for_from_every_page_by_who_works_on_the_desk(console: Any, analyst: Any) -> None:
    case = await console.case()
    for page in (f"/cases/{case}", "/cases", "/stops", "/"):
        assert (await analyst.get(page)).text.count('action="/next"') == 1, page
    viewer = await console.person(Role.VIEWER)
    assert 'action="/next"' not in (await viewer.get("/cases")).text
