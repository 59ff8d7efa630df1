from datetime import timedelta
from typing import Any

from schemas.actor import Role


async def test_the_next_item_is_asked_for_revealed_in_one_key_and_handed_on(
    console: Any, analyst: Any, supervisor: Any, read: Any, canary: str
) -> None:
    case = await console.case(seen=False)
    answer = await analyst.send("/next")
    assert answer.headers["location"] == f"/cases/{case}?done=next"
    page = (await analyst.get(answer.headers["location"])).text
    assert ("yours until" in page, canary in page) == (True, False)
    assert "Not me, not today" in page
    shown = await analyst.send(f"/cases/{case}/reveal")
    assert (shown.status_code, canary in shown.text) == (200, True)
    theirs = read((await supervisor.get(f"/cases/{case}")).text)
    assert "anna-analyst has it until" in theirs.text
    assert "Take over" in theirs.text
    assert (await supervisor.send(f"/cases/{case}/reveal")).status_code == 422
    assert (await supervisor.send("/next")).headers["location"] == "/?done=none-left"
    assert case in (await analyst.get("/?mine=true")).text
    assert case not in (await supervisor.get("/?mine=true")).text
    assert (await analyst.send(f"/cases/{case}/pass-on")).status_code == 303
    assert (await supervisor.send("/next")).headers["location"] == f"/cases/{case}?done=next"


async def test_what_another_has_is_taken_over(console: Any, analyst: Any, supervisor: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/take")
    assert (await supervisor.send(f"/cases/{case}/take")).status_code == 409
    assert (await supervisor.send(f"/cases/{case}/take", over="true")).status_code == 303
    page = (await analyst.get(f"/cases/{case}")).text
    assert "Taken over from another person" in page
    assert "anna-supervisor has it until" in page


async def test_a_viewer_is_given_nothing(console: Any) -> None:
    await console.case()
    viewer = await console.person(Role.VIEWER)
    assert 'action="/next"' not in (await viewer.get("/")).text
    assert (await viewer.send("/next")).status_code == 403


async def test_a_lease_that_ends_while_its_owner_types_ends_nothing_else(
    console: Any, analyst: Any, supervisor: Any, read: Any
) -> None:
    """What was begun in time is taken when nobody was faster; who was slower is told, and what they typed stays."""
    cases = [await console.case(f"r-{n}", f"https://{n}.test/") for n in range(2)]
    typed = {}
    for one in cases:
        await analyst.send(f"/cases/{one}/take")
        shown = read((await analyst.get(f"/cases/{one}")).text).all("input")
        version = next(each["value"] for each in shown if each.get("name") == "version")
        typed[one] = {"version": version, "outcome": "removed", "reason": "seen to be gone"}
    for _ in range(4):
        console.ctx.clock.advance(timedelta(minutes=8))
        for one in (analyst, supervisor):
            await one.get("/keys")  # both are there all the time: their sessions last
    given = [(await supervisor.send("/next")).headers["location"].partition("?")[0] for _ in cases]
    assert sorted(given) == sorted(f"/cases/{one}" for one in cases), "the lease is over: another has them"
    taken = await analyst.send(f"/cases/{cases[0]}/close", **typed[cases[0]])
    assert "done=close" in taken.headers["location"]
    await supervisor.send(f"/cases/{cases[1]}/close", **typed[cases[1]])
    late = await analyst.send(f"/cases/{cases[1]}/close", **typed[cases[1]])
    assert (late.status_code, "Changed in the meantime" in late.text) == (409, True)
