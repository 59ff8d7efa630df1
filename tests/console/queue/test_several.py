"""One act on several cases: what is listed is what is done, and each row that is refused says why."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.case.sealed import CASE, seal
from router.casework.case.seen import sighting
from router.casework.desk import case_acts
from router.casework.read.lists import list_cases
from router.store.base import Add, Remove, Transition
from router.store.ids import new_ids
from router.store.schema.tables import audit, case_keys, cases
from schemas.actor import Actor, Role
from schemas.casefile import CaseSecrets
from schemas.vocabulary import Assessment, Outcome
from tests.office import person
from tests.store.samples import case as sample

BERT = person("bert", Role.SUPERVISOR)
PAGE = "https://www.canary7f3a-pictures.test/{}"


async def site(console: Any, count: int = 3, **more: Any) -> tuple[list[str], str]:
    ids = [await console.case(f"r-{n}", PAGE.format(n), **more) for n in range(count)]
    return ids, (await list_cases(console.ctx)).items[0].site.tag


def ticked(page: Any) -> list[str]:
    return [one["value"] for one in page.all("input") if one.get("name") == "row"]


async def test_each_row_of_the_desk_leads_to_its_site(console: Any, analyst: Any, read: Any, canary: str) -> None:
    _, tag = await site(console)
    desk = read((await analyst.get("/")).text)
    assert [one["href"] for one in desk.all("a") if "/sites/" in str(one.get("href"))] == [f"/sites/{tag}"] * 3
    assert f"site {tag}, 3 open" in desk.text
    page = read((await analyst.get(f"/sites/{tag}")).text)
    assert ("3 open cases" in page.text, canary in page.text) == (True, False)
    assert ticked(page) == []


async def test_what_it_cannot_be_done_to_is_listed_apart(console: Any, analyst: Any, read: Any) -> None:
    """Two were revealed by this analyst, one was not: nobody calls not illegal what they have not seen."""
    _, tag = await site(console, 2)
    unseen = await console.case("r-9", PAGE.format(9), seen=False)
    page = read((await analyst.get(f"/sites/{tag}?act=not-illegal")).text)
    assert (len(ticked(page)), unseen in str(ticked(page))) == (2, False)
    assert "Not possible for these" in page.text
    assert "not seen by you" in page.text


async def test_those_that_are_ticked_are_closed_and_each_is_answered(console: Any, analyst: Any, read: Any) -> None:
    ids, tag = await site(console)
    page = read((await analyst.get(f"/sites/{tag}?act=close")).text)
    rows = [one for one in ticked(page) if not one.startswith(ids[1])]
    said = {"act": "close", "outcome": "removed", "reason": "the site is gone", "row": rows}
    wrong = await analyst.send_many(f"/sites/{tag}", count=3, **said)
    assert wrong.status_code == 422
    again = read(wrong.text)
    assert "2 are meant" in again.text
    assert [("checked" in one) for one in again.all("input") if one.get("name") == "row"] == [True, False, True]
    done = read((await analyst.send_many(f"/sites/{tag}", count=2, **said)).text)
    assert "2 done, 0 refused" in done.text
    left = read((await analyst.get(f"/sites/{tag}")).text)
    assert "One open case" in left.text
    stale = read((await analyst.send_many(f"/sites/{tag}", count=2, **said)).text)
    assert "0 done, 2 refused" in stale.text


async def test_nothing_ticked_is_said(console: Any, analyst: Any) -> None:
    _, tag = await site(console, 1)
    answer = await analyst.send_many(f"/sites/{tag}", act="retrace", count=1, reason="so", row=[])
    assert (answer.status_code, "Nothing was done" in answer.text) == (422, True)


async def test_five_hundred_rows_are_one_form(console: Any, analyst: Any) -> None:
    _, tag = await site(console, 1)
    rows = [f"01999999-0000-7000-8000-{n:012}.{2**31}" for n in range(500)]
    answer = await analyst.send_many(f"/sites/{tag}", act="retrace", count=500, reason="so", row=rows)
    assert (answer.status_code, "0 done, 500 refused" in answer.text) == (200, True)


async def test_a_viewer_sees_rows_and_no_form(console: Any, read: Any) -> None:
    _, tag = await site(console)
    viewer = await console.person(Role.VIEWER)
    page = read((await viewer.get(f"/sites/{tag}?act=close")).text)
    assert ticked(page) == []
    assert (await viewer.send_many(f"/sites/{tag}", act="close", count=1, row=["x.1"])).status_code == 403


async def test_a_location_is_looked_for_by_who_may_reveal_and_stands_in_no_address(
    console: Any, analyst: Any, read: Any
) -> None:
    ids, _ = await site(console, 2)
    found = await analyst.send("/cases", number=PAGE.format(1))
    links = [one.get("href") for one in read(found.text).all("a")]
    assert (f"/cases/{ids[1]}" in links, f"/cases/{ids[0]}" in links) == (True, False)
    assert "canary" not in "".join(str(one) for one in links)
    viewer = await console.person(Role.VIEWER)
    assert (await viewer.send("/cases", number=PAGE.format(1))).status_code == 403
    assert (await viewer.send("/cases", number="r-1")).status_code == 200


async def desk_rows(read: Any, page: Any) -> list[str]:
    return [one["value"] for one in read(page.text).all("input") if one.get("name") == "row"]


async def test_bulk_of_three_hundred_with_three_refused(console: Any, analyst: Any, read: Any) -> None:
    """What was listed is what is done: one was closed since, one changed since, one is not illegal by nobody."""
    ids = await many(console, 300)
    listed = await analyst.send_many("/several", act="close", which="found", filter="order=age")
    page = read(listed.text)
    rows = ticked(page)
    assert (len(rows), "300 cases, as they stand now" in page.text) == (300, True)
    new = await console.case("late", "https://late.test/")
    await case_acts.close(console.ctx, ids[7], BERT, "gone", outcome=Outcome.REMOVED)
    await case_acts.retrace(console.ctx, ids[100], BERT, "again")
    await console.ctx.store.commit(Transition(console.ctx.now(), (), (), (Remove(cases, {"id": ids[200]}),)))
    said = {"act": "close", "outcome": "removed", "reason": "the site is gone", "row": rows}
    answer = await analyst.send_many("/several/act", count=300, **said)
    shown = read(answer.text)
    assert "297 done, 3 refused" in shown.text
    first = answer.text.partition("<tbody")[2].split("<tr")[1:3]
    assert all("refused" in one and "Changed in the meantime" in one for one in first), "they come first"
    assert ids[200] in answer.text.rpartition("<tr>")[2]
    assert (await console.ctx.store.rows(select(cases.c.state).where(cases.c.id == new)))[0]["state"] == "desk"
    twice = await analyst.send_many("/several/act", count=300, **said)
    assert "0 done, 300 refused" in twice.text, "sent twice it is done once"


async def many(console: Any, count: int) -> list[str]:
    """So many items on the desk, quickly."""
    now = console.ctx.now()
    made, adds = new_ids(count), []
    for at, one in enumerate(made):
        key, wrapped = console.ctx.keyring.new_case_key(one)
        secrets = CaseSecrets(canonical=f"https://h{at}.test/", host=f"h{at}.test")
        asked = {"desk_code": "not_assessed", "desk_since": now, "desk_first_since": now + at, "desk_due": now + 9}
        row = {"state": "desk", "next_at": None, "url_bidx": one.encode(), "sealed": seal(key, CASE, one, secrets)}
        adds += [Add(cases, sample(one, **row, **asked).values), Add(case_keys, {"case_id": one, "wrapped": wrapped})]
    await console.ctx.store.commit(Transition(now, adds=adds))
    return made


async def test_a_list_that_was_refused_comes_back_without_what_changed_meanwhile(
    console: Any, analyst: Any, read: Any
) -> None:
    ids = await many(console, 3)
    rows = ticked(read((await analyst.send_many("/several", act="close", which="ticked", row=ids)).text))
    assert [one.partition(".")[0] for one in rows] == ids
    await case_acts.assess(console.ctx, ids[1], await seen(console, ids[1]), "so", assessment=Assessment.NATIONAL)
    await console.work()
    wrong = await analyst.send_many("/several/act", act="close", outcome="removed", reason="x", count=2, row=rows)
    again = read(wrong.text)
    assert (wrong.status_code, "One of those that were ticked changed since" in again.text) == (422, True)
    assert ("are meant" in again.text, "2 are ticked" in again.text) == (False, True)
    assert boxes(again) == 2


def boxes(page: Any) -> int:
    return sum("checked" in one for one in page.all("input") if one.get("name") == "row")


@pytest.mark.parametrize("typed", [1, 2, 5, 6, 7, 9])
@pytest.mark.parametrize("reason", ["gone", ""])
async def test_the_preview_the_count_and_the_refusal_speak_of_one_number(
    console: Any, analyst: Any, read: Any, typed: int, reason: str
) -> None:
    """Whatever changed between, whatever is typed: the number that a page says is how many it has ticked."""
    ids = await many(console, 8)
    await case_acts.close(console.ctx, ids[0], BERT, "gone", outcome=Outcome.REMOVED)
    first = read((await analyst.send_many("/several", act="close", which="ticked", row=ids)).text)
    assert ("8 cases" in first.text, "7 are ticked" in first.text, boxes(first)) == (True, True, 7)
    rows = ticked(first)[:-1]
    await case_acts.close(console.ctx, ids[3], BERT, "gone", outcome=Outcome.REMOVED)
    said = {"act": "close", "outcome": "removed", "row": rows} | ({"reason": reason} if reason else {})
    page = await analyst.send_many("/several/act", count=typed, **said)
    again = read(page.text)
    if typed == len(rows) and reason:
        assert (page.status_code, "5 done, 1 refused" in again.text) == (200, True)
        return
    assert (page.status_code, boxes(again), "5 are ticked" in again.text) == (422, 5, True)
    assert re.findall(r"(\d+) (?:are )?meant", again.text) in ([], ["5"])
    assert ("5 are meant" in again.text) == (typed not in (5, 6))
    kept = next(one for one in again.all("input") if one.get("name") == "count")
    assert kept.get("value") == ("5" if typed == 5 else "")
    done = await analyst.send_many("/several/act", count=5, **{**said, "reason": "gone", "row": checked(again)})
    assert "5 done, 0 refused" in done.text


def checked(page: Any) -> list[str]:
    return [one["value"] for one in page.all("input") if one.get("name") == "row" and "checked" in one]


async def seen(console: Any, case: str) -> Actor:
    changes, adds = await sighting(console.ctx, case, BERT)
    await console.ctx.store.commit(Transition(console.ctx.now(), changes, adds))
    return BERT


async def test_two_people_at_once_do_each_row_once(console: Any, analyst: Any, read: Any) -> None:
    ids = await many(console, 20)
    other = await console.person(Role.SUPERVISOR)
    rows = ticked(read((await analyst.send_many("/several", act="close", which="ticked", row=ids)).text))
    said = {"act": "close", "outcome": "removed", "reason": "gone", "count": 20, "row": rows}
    answers = await asyncio.gather(*(one.send_many("/several/act", **said) for one in (analyst, other)))
    counts = [int(re.search(r"(\d+) done", one.text)[1]) for one in answers]
    assert sum(counts) == 20
    closed = await console.ctx.store.rows(select(audit).where(audit.c.act == "case.closed"))
    assert sorted(row["case_id"] for row in closed) == ids


async def test_the_desk_ticks_rows_and_leads_to_a_list_of_them(console: Any, analyst: Any, read: Any) -> None:
    ids = await many(console, 2)
    desk = await analyst.get("/?reason=not_assessed")
    assert await desk_rows(read, desk) == ids
    assert 'name="filter" value="reason=not_assessed"' in desk.text
    none = await analyst.send_many("/several", act="close", which="ticked")
    assert none.headers["location"] == "/?done=none-ticked"
    assert (await analyst.send_many("/several", which="found")).status_code == 422
    assert (await analyst.send_many("/several", act="close", which="found", filter="order=luck")).status_code == 422
    other = read((await analyst.send_many("/several", **{"act": "close", "as": "retrace"}, row=[f"{ids[0]}.1"])).text)
    assert (len(ticked(other)), "Trace" in other.text) == (1, True)


async def test_nobody_says_of_many_what_they_have_not_seen(console: Any, analyst: Any, read: Any) -> None:
    seen_one = await console.case("r-1", PAGE.format(1))
    unseen = await console.case("r-2", "https://other.test/", seen=False)
    page = read((await analyst.send_many("/several", act="not-illegal", which="found")).text)
    assert [one.partition(".")[0] for one in ticked(page)] == [seen_one]
    forged = [*ticked(page), f"{unseen}.{(await version(console, unseen))}"]
    answer = await analyst.send_many("/several/act", act="not-illegal", count=2, row=forged)
    assert ("1 done, 1 refused" in answer.text, "have not seen" in answer.text) == (True, True)


async def version(console: Any, case: str) -> int:
    rows = await console.ctx.store.rows(select(cases.c.version).where(cases.c.id == case))
    return int(rows[0]["version"])


async def test_a_viewer_chooses_nothing(console: Any) -> None:
    viewer = await console.person(Role.VIEWER)
    ids = await many(console, 1)
    assert 'name="row"' not in (await viewer.get("/")).text
    assert (await viewer.send_many("/several", act="close", which="ticked", row=ids)).status_code == 403
    assert (await viewer.send_many("/several/act", act="close", count=1, row=ids)).status_code == 403
