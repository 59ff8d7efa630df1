"""Who sees how much somebody looked, and how a pause looks on the page of a case."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.actor import Role
from schemas.signin import ExposureSettings
from tests.console.conftest import CANARY


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_sees_their_own_and_the_wellbeing_lead_all(console: Any, role: Role) -> None:
    analyst = await console.person(Role.ANALYST) if role is not Role.ANALYST else None
    case = await console.case(seen=False)
    if analyst is not None:
        await analyst.send(f"/cases/{case}/reveal", reason="x")
    browser = await console.person(role)
    assert "anna-analyst" not in (await browser.get("/me/exposure")).text.partition("<main")[2]
    all_of_them = await browser.get("/exposure")
    assert (all_of_them.status_code == 200) is (role is Role.WELLBEING)
    assert ("anna-analyst" in all_of_them.text.partition("<main")[2]) is (role is Role.WELLBEING)


async def test_a_pause_is_said_and_a_child_at_risk_is_never_kept(console: Any, analyst: Any) -> None:
    limits = ExposureSettings(a_day=1)
    console.app.state.ctx = replace(console.ctx, door=replace(console.ctx.door, exposure=limits))
    first = await console.case(seen=False)
    grave = await console.case("r-2", f"https://{CANARY}-two.test/", seen=False, urgency="imminent_risk")
    third = await console.case("r-3", f"https://{CANARY}-three.test/", seen=False)
    assert CANARY in (await analyst.send(f"/cases/{first}/reveal", reason="x")).text
    paused = await analyst.send(f"/cases/{third}/reveal", reason="x")
    assert (paused.status_code, CANARY in paused.text) == (403, False)
    assert "it goes on at 00:00" in paused.text
    assert 'name="anyway"' not in paused.text
    asked = await analyst.send(f"/cases/{grave}/reveal", reason="typed with care")
    assert (asked.status_code, CANARY in asked.text) == (403, False)
    assert "hand it to somebody else" in asked.text
    assert 'value="typed with care"' in asked.text
    assert 'name="anyway"' in asked.text
    assert f'action="/cases/{grave}/pass-on"' in asked.text, "a second person is offered beside it"
    assert CANARY in (await analyst.send(f"/cases/{grave}/reveal", reason="x", anyway="true")).text


async def test_what_is_known_to_be_grave_is_told_before_anybody_looks_and_not_what(console: Any, analyst: Any) -> None:
    location = {"location": f"https://{CANARY}-two.test/", "age": "infant"}
    mild = await console.case(seen=False, items=[{"location": f"https://{CANARY}-one.test/", "age": "pubescent"}])
    grave = await console.case("r-2", seen=False, items=[location])
    await console.case("r-3", seen=False, items=[{"location": f"https://{CANARY}-two.test/"}])  # joins it
    listed = (await analyst.get("/")).text
    rows = {one.partition('"')[0]: one for one in listed.split('id="case-')[1:]}
    assert ["reported as grave" in rows[case] for case in (mild, grave)] == [False, True]
    told = "Reported as grave. Look when you are ready, or leave it to somebody else."
    before = (await analyst.get(f"/cases/{grave}")).text
    assert told in before
    assert "infant" not in before + listed
    assert f'action="/cases/{grave}/pass-on"' in before
    assert told not in (await analyst.get(f"/cases/{mild}")).text
    shown = await analyst.send(f"/cases/{grave}/reveal", reason="x")
    assert (CANARY in shown.text, told in shown.text) == (True, False)


async def test_a_house_says_what_it_calls_grave(console: Any, analyst: Any) -> None:
    case = await console.case(seen=False, items=[{"location": f"https://{CANARY}-one.test/", "age": "infant"}])
    limits = ExposureSettings(grave=())
    console.app.state.ctx = replace(console.ctx, door=replace(console.ctx.door, exposure=limits))
    assert "grave" not in (await analyst.get("/")).text + (await analyst.get(f"/cases/{case}")).text
