"""The page of the figures: any days, for each audience, and an edition that is frozen there."""

from random import Random
from typing import Any

import pytest

from router.store.base import Transition
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
