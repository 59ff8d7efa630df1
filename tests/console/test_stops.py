from typing import Any

import pytest

from router.casework.deliver import stops
from schemas.actor import Role


async def test_what_is_stopped_is_shown_to_everybody_with_its_reason(console: Any, supervisor: Any) -> None:
    answer = await supervisor.send("/stops/stop", scope="partner:hotline-nl", reason="their system doubles everything")
    assert answer.headers["location"] == "/stops?done=stop"
    viewer = await console.person(Role.VIEWER)
    page = (await viewer.get("/stops")).text
    assert "Partner hotline-nl" in page
    assert "their system doubles everything" in page
    assert "/stops/lift" not in page
    assert '<span class="count">1</span>' in (await viewer.get("/")).text


async def test_a_stop_is_lifted(console: Any, supervisor: Any) -> None:
    await supervisor.send("/stops/stop", scope="all", reason="look first")
    assert "Everything is stopped" in (await supervisor.get("/stops")).text
    answer = await supervisor.send("/stops/lift", scope="all", reason="looked")
    assert answer.headers["location"] == "/stops?done=lift"
    assert await stops.stops(console.ctx) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": "all"}, "Type a reason"),
        ({"scope": "partner:nobody", "reason": "x"}, "Choose what to stop"),
        ({"scope": "everything, please", "reason": "x"}, "Choose what to stop"),
    ],
)
async def test_what_cannot_be_stopped(console: Any, supervisor: Any, fields: dict[str, str], words: str) -> None:
    answer = await supervisor.send("/stops/stop", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert await stops.stops(console.ctx) == []


async def test_what_is_stopped_already_keeps_its_reason(console: Any, supervisor: Any) -> None:
    await supervisor.send("/stops/stop", scope="route:hotline-abroad", reason="first")
    again = await supervisor.send("/stops/stop", scope="route:hotline-abroad", reason="second")
    assert again.status_code == 409
    assert 'value="second"' in again.text
    assert [one.reason for one in await stops.stops(console.ctx)] == ["first"]


async def test_an_analyst_stops_nothing(console: Any, analyst: Any) -> None:
    assert (await analyst.send("/stops/stop", scope="all", reason="x")).status_code == 403
    assert "/stops/stop" not in (await analyst.get("/stops")).text


async def test_what_is_neither_stop_nor_lift(supervisor: Any) -> None:
    assert (await supervisor.send("/stops/burn", scope="all", reason="x")).status_code == 404
