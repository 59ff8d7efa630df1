"""A short link that a person followed: the place becomes a case of its own, and both files name each other."""

import asyncio
from typing import Any

import pytest

from router.casework.case.record import open_case
from router.casework.case.sealed import item_secrets
from router.casework.desk import case_acts, leads_to
from router.casework.intake import take as intake
from router.casework.read import case_file
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import actions, audit, cases, items, reports
from schemas.casefile import DeskCode
from schemas.states import CaseState
from schemas.trace import Reason, Verdict, VerdictKind
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, DUTCH, FORM, Casebook

SHORT, PLACE = "https://bit.ly/abc", "https://pages.test/whole/way"
SHORTENED = Verdict(kind=VerdictKind.UNRESOLVED, reasons=(Reason(code="shortener", text="it only sends on"),))


async def short(book: Casebook, location: str = SHORT, reference: str = "r-1", **more: Any) -> str:
    """A short link on the desk."""
    book.world.verdict = SHORTENED
    case_id = await book.decided(location, reference, **more)
    book.world.verdict = DUTCH
    return case_id


async def led(book: Casebook, case_id: str, location: str = PLACE) -> str:
    return await leads_to.target(book.ctx, case_id, ANNA, "followed it", location=location)


async def test_a_short_link_asks_people_where_it_leads(book: Casebook) -> None:
    case = await book.case(await short(book))
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.SHORTENED)
    assert "target" in (await case_file.case_file(book.ctx, case["id"])).acts


async def test_the_place_becomes_a_case_that_goes_its_way_and_the_short_link_is_closed(book: Casebook) -> None:
    case_id = await short(book)
    linked = await led(book, case_id)
    place = await book.step(linked, 2)
    assert (place["state"], place["assessment"]) == (CaseState.REFERRED, "baseline")
    assert (await open_case(book.ctx, place)).secrets.canonical == PLACE
    assert [row["partner"] for row in await book.referrals(linked)] == ["hotline-nl"]
    closed = await book.case(case_id)
    assert (closed["state"], closed["outcome"], closed["next_at"]) == (CaseState.CLOSED, Outcome.MOVED, None)
    assert [row["action"] for row in await book.rows(actions)] == ["Moved"]


async def test_both_files_name_each_other(book: Casebook) -> None:
    case_id = await short(book)
    linked = await led(book, case_id)
    here, there = await case_file.case_file(book.ctx, case_id), await case_file.case_file(book.ctx, linked)
    assert here.leads_to == linked
    assert [one.through for one in there.items] == [case_id]
    assert (here.items[0].through, there.leads_to) == (None, None)
    named = next(one for one in here.timeline if one.act == "case.target_named")
    assert (named.typed, named.actor) == ("followed it", ANNA.id)


async def test_every_report_of_the_short_link_names_the_place_too_with_all_it_said(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "victim"}
    case_id = await short(book, item={"account": account}, memo="seen twice")
    await book.take(SHORT, "r-2", FORM)
    linked = await led(book, case_id)
    found = [row for row in await book.rows(items) if row["case_id"] == linked]
    assert sorted(row["position"] for row in found) == [-1, -1]
    assert {row["report_id"] for row in found} == {row["id"] for row in await book.rows(reports)}
    key = (await open_case(book.ctx, await book.case(linked))).key
    secrets = [item_secrets(key, row["id"], row["sealed"]) for row in found]
    assert {one.location for one in secrets} == {PLACE}
    assert [one.memo for one in secrets if one.memo] == ["seen twice"]
    assert [one.account.handle for one in secrets if one.account] == ["h"]
    assert {one.reference for one in secrets} == {"r-1", "r-2"}


async def test_what_a_source_is_answered_stays_what_it_sent(book: Casebook) -> None:
    case_id = await short(book)
    (report,) = await book.rows(reports)
    before = await intake.answers_of(book.ctx, [report["id"]])
    await led(book, case_id)
    assert await intake.answers_of(book.ctx, [report["id"]]) == before
    assert [one.case for one in before[report["id"]].items] == [case_id]
    assert len(await book.rows(reports)) == 1


async def test_an_open_case_of_the_place_is_joined_and_made_as_grave(book: Casebook) -> None:
    standing = await book.decided(PLACE, "r-9", FORM)
    case_id = await short(book, urgency="live")
    assert await led(book, case_id) == standing
    case = await book.case(standing)
    assert (case["urgency"], case["assessment"], case["state"]) == ("live", "baseline", CaseState.RECEIVED)
    acts = [row["act"] for row in await book.rows(audit) if row["case_id"] == standing]
    assert "item.linked" in acts


async def test_a_closed_case_of_the_place_is_not_woken(book: Casebook) -> None:
    standing = await book.decided(PLACE, "r-9")
    await case_acts.close(book.ctx, standing, ANNA, "gone", outcome=Outcome.UNAVAILABLE)
    linked = await led(book, await short(book))
    assert linked != standing
    assert (await book.case(standing))["state"] == CaseState.CLOSED


async def test_it_is_never_sent_back_to_a_hotline_it_came_through(book: Casebook) -> None:
    case_id = await short(book)
    row = await book.case(case_id)
    came = {"path": '["hotline-nl"]', "origin": "hotline-nl", "origin_reference": "their-7"}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, came, row["version"]),)))
    place = await book.case(await led(book, case_id))
    assert {name: place[name] for name in came} == came


async def test_what_nobody_assessed_stays_unassessed(book: Casebook) -> None:
    linked = await led(book, await short(book, actor=FORM))
    case = await book.step(linked, 2)
    assert (case["assessment"], case["desk_code"]) == ("unassessed", DeskCode.NOT_ASSESSED)


@pytest.mark.parametrize(
    "location", ["", "data:text/html,x", "nothing", "http://10.0.0.1/", "hxxps://bit[.]ly/abc", "https://BIT.ly/abc"]
)
async def test_only_another_location_is_a_place(book: Casebook, location: str) -> None:
    case_id = await short(book)
    with pytest.raises(BadInput) as refused:
        await led(book, case_id, location)
    assert refused.value.field == "location"
    assert (await book.case(case_id))["state"] == CaseState.DESK


async def test_short_links_that_lead_to_short_links_are_followed_but_not_in_a_circle(book: Casebook) -> None:
    first = await short(book)
    book.world.verdict = SHORTENED
    second = await led(book, first, "https://bit.ly/def")
    await book.step(second, 2)
    third = await led(book, second, "https://bit.ly/ghi")
    await book.step(third, 2)
    for before in (SHORT, "https://bit.ly/def"):
        with pytest.raises(BadInput, match="circle"):
            await led(book, third, before)
    book.world.verdict = DUTCH
    place = await led(book, third)
    (item,) = (await case_file.case_file(book.ctx, place)).items
    assert item.through == third


async def test_what_has_a_host_of_its_own_leads_nowhere(book: Casebook) -> None:
    case_id = await book.decided()
    with pytest.raises(Conflict):
        await led(book, case_id)
    assert "target" not in (await case_file.case_file(book.ctx, case_id)).acts


async def test_what_moved_on_meanwhile_is_not_touched(book: Casebook) -> None:
    case_id = await short(book)
    seen = (await book.case(case_id))["version"]
    await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    with pytest.raises(Conflict):
        await leads_to.target(book.ctx, case_id, ANNA, "followed it", location=PLACE, version=seen)
    with pytest.raises(NotFound):
        await led(book, "00000000-0000-0000-0000-000000000000")
    assert len(await book.rows(cases)) == 1


async def test_a_place_that_is_reported_at_the_same_moment_is_one_case(book: Casebook) -> None:
    case_id = await short(book)
    linked, taken = await asyncio.gather(led(book, case_id), book.take(PLACE, "r-5", ANALYSTS))
    assert linked == taken


async def test_neither_place_nor_reason_is_in_the_audit_in_the_clear(book: Casebook) -> None:
    case_id = await short(book)
    await led(book, case_id)
    told = repr([row["detail"] for row in await book.rows(audit)])
    assert "pages.test" not in told
    assert "followed" not in told


def wrapper(*more: str, leads_to: str | None = PLACE) -> Verdict:
    """A link that only carries another location."""
    reasons = tuple(Reason(code=code, text="it carries another") for code in ("link_wrapper", *more))
    return Verdict(kind=VerdictKind.UNRESOLVED, reasons=reasons, leads_to=leads_to)


async def around(book: Casebook, verdict: Verdict, **more: Any) -> str:
    """A wrapper on the desk."""
    book.world.verdict = verdict
    case_id = await book.decided("https://scanner.test/?u=x", **more)
    book.world.verdict = DUTCH
    return case_id


async def test_what_a_link_carries_becomes_a_linked_case_on_one_key(book: Casebook) -> None:
    case_id = await around(book, wrapper())
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.WRAPPED)
    assert not await book.referrals(case_id), "never sent to the wrapper's country"
    linked = await leads_to.target(book.ctx, case_id, ANNA, "as the link says")
    place = await book.step(linked, 2)
    assert (await open_case(book.ctx, place)).secrets.canonical == PLACE
    assert [row["partner"] for row in await book.referrals(linked)] == ["hotline-nl"]
    closed = await book.case(case_id)
    assert (closed["state"], closed["outcome"]) == (CaseState.CLOSED, Outcome.MOVED)
    assert closed["rests_on"] == "It only carries another location; the case goes on there."


async def test_a_link_that_does_not_say_asks_for_the_location(book: Casebook) -> None:
    case_id = await around(book, wrapper("inner_unknown", leads_to=None))
    with pytest.raises(BadInput) as refused:
        await leads_to.target(book.ctx, case_id, ANNA, "as the link says")
    assert refused.value.field == "location"
    assert await led(book, case_id) != case_id


async def test_a_copy_goes_on_as_a_location_of_its_own(book: Casebook) -> None:
    case_id = await around(book, wrapper("serves_copy"))
    linked = await leads_to.target(book.ctx, case_id, ANNA, "as the link says")
    copy = await book.case(case_id)
    assert (copy["state"], copy["desk_code"], copy["next_at"] is not None) == (CaseState.RECEIVED, None, True)
    assert [one.itself for one, _, _ in book.world.asked] == [False]
    copy = await book.step(case_id, 2)
    assert book.world.asked[-1][0].itself, "it is traced as the host of the copy"
    assert copy["state"] == CaseState.REFERRED
    file = await case_file.case_file(book.ctx, case_id)
    assert file.leads_to == linked
    assert [one.through for one in (await case_file.case_file(book.ctx, linked)).items] == [case_id]


async def test_a_child_at_risk_at_a_copy_is_due_when_it_was(book: Casebook) -> None:
    case_id = await around(book, wrapper("serves_copy"), urgency="live")
    was = await book.case(case_id)
    assert was["desk_code"] == DeskCode.CHILD_AT_RISK
    book.later(minutes=14)
    await leads_to.target(book.ctx, case_id, ANNA, "as the link says")
    now = await book.step(case_id, 2)
    kept = ("desk_code", "desk_since", "desk_first_since", "desk_due", "desk_alarm")
    assert [now[name] for name in kept] == [was[name] for name in kept]


async def test_what_a_link_carries_is_masked_until_it_is_revealed(book: Casebook) -> None:
    case_id = await around(book, wrapper())
    masked = await case_file.case_file(book.ctx, case_id)
    assert masked.trace is not None
    assert masked.trace.verdict.leads_to == "hxxps://p•••[.]test/…"
    shown = await case_file.case_file(book.ctx, case_id, reveal_to=ANNA, reason="to look")
    assert shown.trace is not None
    assert shown.trace.verdict.leads_to == "hxxps://pages[.]test/whole/way"
