"""The duty officer's way at night: one key on the desk, the hand-over to the police beside the alarm, no location."""

from typing import Any

from schemas.actor import Role


async def test_who_may_reveal_nothing_is_on_it_and_files_what_the_police_have(
    console: Any, read: Any, canary: str
) -> None:
    case = await console.case(urgency="live", seen=False)
    duty = await console.person(Role.VIEWER)
    desk = read((await duty.get("/")).text)
    assert {"method": "post", "action": f"/cases/{case}/acknowledge", "class": "send"} in desk.all("form")
    assert "Decide" not in desk.text
    page = read((await duty.get(f"/cases/{case}")).text)
    forms = [one["action"] for one in page.all("form") if f"/cases/{case}/" in str(one.get("action"))]
    assert forms == [f"/cases/{case}/acknowledge", f"/cases/{case}/told-police"]
    assert "Federal Police" in page.text
    answer = await duty.send(f"/cases/{case}/told-police", partner="federal-police", reference="BR.37/26")
    assert answer.headers["location"] == f"/cases/{case}?done=told-police"
    after = await duty.get(answer.headers["location"])
    assert "the police have it; the case stays on the desk" in after.text
    assert ("BR.37/26" in after.text, canary in after.text) == (True, False)
    again = await duty.send(f"/cases/{case}/told-police", partner="federal-police", reference="BR.37/26")
    assert (again.status_code, "has it already" in again.text) == (409, True)


async def test_what_is_left_out_of_the_form_is_named(console: Any) -> None:
    case = await console.case(urgency="live", seen=False)
    duty = await console.person(Role.VIEWER)
    assert (await duty.send(f"/cases/{case}/told-police", partner="federal-police")).status_code == 422


async def test_every_other_act_stays_an_analysts(console: Any) -> None:
    case = await console.case(urgency="live", seen=False)
    duty = await console.person(Role.VIEWER)
    said = {"partner": "federal-police", "reference": "1", "reason": "by telephone"}
    assert (await duty.send(f"/cases/{case}/handed-over", **said)).status_code == 403


async def test_what_is_asked_of_others_is_said_to_be(console: Any, analyst: Any, read: Any) -> None:
    """The advice names acts: who may do none of them reads whom it is asked of."""
    case = await console.case(seen=False)
    duty = await console.person(Role.VIEWER)
    label = "Asked of those who deal with cases"
    assert label in (await duty.get(f"/cases/{case}")).text
    page = (await analyst.get(f"/cases/{case}")).text
    assert (label in page, "Reveal it and look" in page) == (False, True)
