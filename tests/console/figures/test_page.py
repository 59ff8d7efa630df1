"""The page of the figures: any days, for each audience, and an edition that is frozen there."""

from random import Random
from typing import Any

import pytest

from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import figure_editions
from schemas.actor import Role
from tests.figures.generated import START, lives, rows_of

DAYS = "from=2026-01-01&to=2026-10-31"


@pytest.mark.parametrize("audience", ["internal", "inhope", "platform", "dsa", "public"])
async def test_days_without_anything_are_shown(console: Any, supervisor: Any, read: Any, audience: str) -> None:
    answer = await supervisor.get(f"/figures?{DAYS}&for={audience}&against=2019")
    assert answer.status_code == 200
    page = read(answer.text)
    assert "2026-01-01 to 2026-10-31, beside 2019-01-01 to 2019-10-31" in page.text
    assert ("No notices yet" in page.text) is (audience == "dsa")


async def test_what_was_received_this_year_is_counted_and_few_is_said_to_everybody(
    console: Any, supervisor: Any, read: Any
) -> None:
    case = await console.case(items=[{"location": "https://page.test/", "site_type": "file_host"}])
    await supervisor.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="it is there")
    page = read((await supervisor.get("/figures")).text).text
    assert all(word in page for word in ("in all", "file host", "the public"))
    assert not any(code in page for code in ("file_host", "hotline-nl"))
    everybody = (await supervisor.get("/figures?for=public")).text
    assert "&lt;5" in everybody


async def test_an_edition_is_published_once_and_the_next_says_why(console: Any, supervisor: Any, read: Any) -> None:
    given = {"audience": "public", "first": "2026-01-01", "last": "2026-10-31", "against": "2019"}
    assert (await supervisor.send("/figures", **given, reason="")).status_code == 303
    assert (await supervisor.send("/figures", **given, reason="")).status_code == 422
    assert (await supervisor.send("/figures", **given, reason="counted anew")).status_code == 303
    page = read((await supervisor.get("/figures")).text)
    assert page.text.count("2026-01-01 \N{EN DASH} 2026-10-31") == 2


async def test_what_was_published_has_its_total_and_its_next_page(console: Any, supervisor: Any, read: Any) -> None:
    row = {"audience": "inhope", "first_day": "2026-01-01", "last_day": "2026-10-31", "by": "person:anna"}
    row |= {"reason": None, "digest": "0" * 64, "body": "{}"}
    adds = [Add(figure_editions, row | {"id": new_id(), "number": n, "made_at": n}) for n in range(53)]
    await console.ctx.store.commit(Transition(0, adds=adds))
    address = f"/figures?{DAYS}&for=public&against=2019"
    page = read((await supervisor.get(address)).text)
    assert (page.text.count("2026-01-01 \N{EN DASH} 2026-10-31"), "53 in all" in page.text) == (50, True)
    (older,) = [one["href"] for one in page.all("a") if one.get("rel") == "next"]
    assert older.startswith("/figures?from=2026-01-01&to=2026-10-31&for=public&against=2019&after=")
    last = read((await supervisor.get(older.partition("#")[0])).text)
    assert (last.text.count("2026-01-01 \N{EN DASH} 2026-10-31"), "53 in all" in last.text) == (3, True)
    assert "Older ones" not in last.text
    assert (await supervisor.get(f"{address}&after={new_id()}")).status_code == 422


async def test_who_may_not_publish_is_not_offered_it(console: Any, read: Any) -> None:
    viewer = await console.person(Role.VIEWER)
    page = await viewer.get(f"/figures?{DAYS}")
    assert "Publish what stands here" not in page.text
    given = {"audience": "public", "first": "2026-01-01", "last": "2026-10-31"}
    assert (await viewer.send("/figures", **given)).status_code == 403


async def test_odd_days_are_refused_in_words(supervisor: Any) -> None:
    for odd in ("from=x", "from=2026-02-01&to=2026-01-01", "for=press", "against=0", "from=1&to=2"):
        assert (await supervisor.get(f"/figures?{odd}")).status_code in (404, 422)
    assert (await supervisor.send("/figures", audience="press", first="x")).status_code == 422


async def test_a_curve_stands_with_its_table(console: Any, supervisor: Any, read: Any) -> None:
    made = rows_of(lives(Random(5), 240))  # noqa: S311 - lives, not secrets
    await console.ctx.store.commit(Transition(START, adds=made))
    text = (await supervisor.get("/figures?from=2025-12-01&to=2026-01-31&for=inhope")).text
    assert '<svg class="curve" role="img"' in text
    page = read(text)
    assert "Half were gone after" in page.text
    assert "Not followed further" in page.text
