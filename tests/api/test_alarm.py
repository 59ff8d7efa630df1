"""Alarms over the API: whom they reach, without addresses; a test of all; and a duty officer who is on it."""

from collections.abc import Callable
from pathlib import Path

from router.casework.context import Context
from schemas.actor import Role
from tests.api.conftest import Served
from tests.bells import BOTH, HOOK, MAILBOX, alarmed


async def test_they_are_shown_tested_and_replaced(tmp_path: Path, serve: Callable[[Context], Served]) -> None:
    async with alarmed(tmp_path) as house:
        client = await serve(house.book.ctx).as_role(Role.SUPERVISOR)
        shown = (await client.get("/v1/alarm")).json()
        assert (len(shown["ways"]), shown["failing"], shown["ringing"]) == (3, [], 0)
        assert not any(one in str(shown) for one in (HOOK, MAILBOX))
        assert all(one["ok"] for one in (await client.post("/v1/alarm/test")).json()["items"])
        house.rung.failing = {HOOK}
        assert [one["ok"] for one in (await client.post("/v1/alarm/test")).json()["items"]] == [False, True, True]
        proposed = await client.post("/v1/alarm", json={**BOTH, "mail": []})
        assert proposed.json() == {"version": 1, "proposed": ["alarm"]}
        assert len((await client.get("/v1/alarm")).json()["ways"]) == 3
        second = await serve(house.book.ctx).as_role(Role.ADMINISTRATOR)
        assert (await second.post("/v1/proposals/alarm/confirm", json={})).json()["version"] == 2
        assert len((await client.get("/v1/alarm")).json()["ways"]) == 1


async def test_the_duty_officer_is_on_it_and_sees_no_location(
    tmp_path: Path, serve: Callable[[Context], Served]
) -> None:
    async with alarmed(tmp_path) as house:
        case_id = await house.book.decided(urgency="live")
        client = await serve(house.book.ctx).as_role(Role.VIEWER)
        seen = (await client.get(f"/v1/cases/{case_id}")).json()
        assert seen["acts"] == ["acknowledge", "told-police"]
        assert "example.test/page" not in str(seen)
        assert (await client.post(f"/v1/cases/{case_id}/acknowledge", json={})).status_code == 204
        assert (await client.get(f"/v1/cases/{case_id}")).json()["desk"]["alarm"] == "acknowledged"
        assert (await client.post(f"/v1/cases/{case_id}/reveal", json={"reason": "look"})).status_code == 403
        assert (await client.post(f"/v1/cases/{case_id}/retrace", json={"reason": "look"})).status_code == 403
