from datetime import timedelta
from typing import Any
from urllib.parse import quote

from router.store.base import Add, Transition
from router.store.schema.tables import unit_answers
from schemas.actor import Role
from schemas.states import CaseState


async def test_an_empty_desk_says_so(analyst: Any) -> None:
    assert "Nothing waits for you" in (await analyst.get("/")).text


async def test_a_row_says_why_since_when_where_and_to_whom(console: Any, read: Any, canary: str) -> None:
    case = await console.case()
    console.ctx.clock.advance(timedelta(hours=3))
    analyst = await console.person(Role.ANALYST)
    page = read((await analyst.get("/")).text)
    for words in ("Not assessed yet", "3 hours", "Netherlands", "99%", "Dutch hotline", "hxxps://"):
        assert words in page.text
    assert {"href": f"/cases/{case}"} in page.all("a")
    assert canary not in page.text


async def test_urgent_comes_first_then_the_oldest(console: Any, read: Any) -> None:
    cases = []
    for number, urgency in enumerate(("none", "none", "imminent_risk")):
        cases.append(await console.case(f"r-{number}", f"https://page{number}.test/", urgency=urgency))
        console.ctx.clock.advance(timedelta(minutes=10))
    analyst = await console.person(Role.ANALYST)
    page = read((await analyst.get("/")).text)
    rows = [one["href"] for one in page.all("a") if str(one.get("href")).startswith("/cases/") and "class" not in one]
    assert rows == [f"/cases/{case}" for case in (cases[2], cases[0], cases[1])]
    assert "child at risk now" in page.text


async def test_one_key_assesses_sends_and_comes_back_to_the_desk(console: Any, analyst: Any, read: Any) -> None:
    case = await console.case()
    page = read((await analyst.get("/")).text)
    fields = {
        str(one["name"]): one["value"] for one in page.all("input") if one.get("name") in {"version", "back", "reason"}
    }
    answer = await analyst.send(f"/cases/{case}/send", **fields, assessment="baseline")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?done=send&case={case}")
    desk = (await analyst.get(answer.headers["location"])).text
    assert "Sent as proposed" in desk
    assert "Nothing waits for you" in desk


async def test_without_an_assessment_nothing_leaves_and_the_page_says_what_is_missing(
    console: Any, analyst: Any
) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/send", reason="agreed", back="desk")
    assert answer.status_code == 422
    assert "nothing leaves that nobody has assessed" in answer.text


async def test_a_viewer_sees_the_proposal_without_the_key(console: Any) -> None:
    await console.case()
    viewer = await console.person(Role.VIEWER)
    assert "data-send" not in (await viewer.get("/")).text


async def test_a_deadline_that_has_passed_is_told_as_such(console: Any) -> None:
    await console.case(urgency="live")
    console.ctx.clock.advance(timedelta(hours=2))
    analyst = await console.person(Role.ANALYST)
    assert "was due" in (await analyst.get("/")).text


async def test_the_strip_counts_what_matters_now(console: Any, analyst: Any, read: Any) -> None:
    await console.case(urgency="live")
    console.ctx.clock.advance(timedelta(minutes=5))
    page = read((await analyst.get("/")).text)
    assert "At risk now1" in page.text.replace(" ", "").replace("Atrisknow", "At risk now")
    assert "5 minutes" in page.text


async def test_all_cases_can_be_narrowed_and_paged(console: Any, analyst: Any, read: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("router.console.desk.PAGE", 2)
    found = [await console.case(f"r-{number}", f"https://page{number}.test/") for number in range(3)]
    first = read((await analyst.get("/cases")).text)
    older = next(str(one["href"]) for one in first.all("a") if "after=" in str(one.get("href")))
    second = read((await analyst.get(older)).text)
    links = [one["href"] for page in (first, second) for one in page.all("a")]
    assert {f"/cases/{case}" for case in found} <= set(links)
    assert "There is no such case" in (await analyst.get(f"/cases?state={CaseState.CLOSED}")).text
    assert f"/cases/{found[2]}" in (await analyst.get(f"/cases?state={CaseState.DESK}")).text


async def test_a_state_that_does_not_exist_narrows_nothing(console: Any, analyst: Any) -> None:
    case = await console.case()
    assert f"/cases/{case}" in (await analyst.get("/cases?state=nonsense")).text


async def test_a_number_is_asked_for_by_a_form_and_one_that_names_a_location_by_nothing_else(
    console: Any, analyst: Any, read: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("router.console.desk.PAGE", 1)
    number = "https://gallery.test/7"
    case = await console.case(number, "https://gallery.test/7")
    await console.case("r-2", "https://other.test/")
    page = read((await analyst.get("/cases")).text)
    assert page.form("/cases")["method"] == "post"
    found = await analyst.send("/cases", number=number)
    assert (found.status_code, f"/cases/{case}" in found.text, "other" in found.text) == (200, True, False)
    refused = await analyst.get(f"/cases?number={quote(number)}")
    assert refused.status_code == 422
    assert "our own number" in refused.text
    assert (await analyst.get("/cases?number=r-2")).status_code == 200


async def test_the_police_s_number_is_found_as_it_was_typed(console: Any, analyst: Any) -> None:
    case = await console.case("r-1", "https://gallery.test/7")
    await console.case("r-2", "https://other.test/")
    said = {"referral_id": case, "case_id": case, "answer": "received", "at": 1, "by": "anna", "number": "FP.BE/77"}
    await console.ctx.store.commit(Transition(console.ctx.now(), (), (Add(unit_answers, {"id": case} | said),)))
    found = (await analyst.send("/cases", number="FP.BE/77")).text
    assert (f"/cases/{case}" in found, "other" in found) == (True, False)
