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
    assert "Next item" not in (await viewer.get("/")).text
    assert (await viewer.send("/next")).status_code == 403
