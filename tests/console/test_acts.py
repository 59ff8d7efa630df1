import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from router.casework.case.acts import ACTS
from router.casework.case.record import case_row, referral_rows
from router.casework.case.tell_by_hand import BY_HAND
from router.casework.read import lists
from router.console.acts import CASE_ACTS, REFERRAL_ACTS
from router.console.words import ACT, ACT_HELP, DONE
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from schemas.actor import Role
from schemas.reply_code import code_of
from schemas.states import ReferralState
from schemas.trace import Reason, Verdict, VerdictKind


async def referred(console: Any, person: Any, to: str = "hotline-nl") -> tuple[str, str]:
    """Return a case and its referral, which waits: nobody delivers here."""
    case = await console.case()
    answer = await person.send(f"/cases/{case}/refer", partner=to, assessment="baseline", reason="mine")
    assert answer.status_code == 303, answer.text
    (row,) = await referral_rows(console.ctx, case)
    return case, row["id"]


def test_every_act_has_its_words() -> None:
    acts = {*CASE_ACTS, *REFERRAL_ACTS}
    assert acts <= set(ACT)
    assert acts <= set(ACT_HELP)
    assert acts <= set(DONE)


async def test_send_creates_the_referral_and_leads_back_to_the_case(console: Any, analyst: Any) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/send", assessment="baseline", reason="agreed")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}?done=send")
    page = (await analyst.get(answer.headers["location"])).text
    assert "Sent as proposed" in page
    assert "Dutch hotline" in page
    assert "agreed" in page


async def test_refer_to_a_country_reaches_who_serves_it(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", country="CA", assessment="national", reason="theirs")
    (row,) = await referral_rows(console.ctx, case)
    assert (row["partner"], row["route"]) == ("hotline-ca", "staff")


@pytest.mark.parametrize(
    "choice", [{}, {"partner": "hotline-nl", "country": "NL"}, {"country": "XX"}, {"partner": "No Name"}]
)
async def test_refer_to_nobody_to_two_or_to_nonsense(console: Any, analyst: Any, choice: dict[str, str]) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/refer", **choice, assessment="baseline", reason="kept for me")
    assert answer.status_code == 422
    assert "Choose one partner or one country" in answer.text
    assert 'value="kept for me"' in answer.text
    assert await referral_rows(console.ctx, case) == []


async def test_what_somebody_else_did_meanwhile_is_shown_and_nothing_is_done(
    console: Any, analyst: Any, supervisor: Any
) -> None:
    case = await console.case()
    version = (await case_row(console.ctx, case))["version"]
    await supervisor.send(f"/cases/{case}/send", assessment="baseline", reason="first", version=version)
    late = await analyst.send(f"/cases/{case}/close", outcome="removed", reason="second", version=version)
    assert late.status_code == 409
    assert "Changed in the meantime" in late.text
    assert "Dutch hotline" in late.text
    assert (await case_row(console.ctx, case))["state"] != "closed"


async def test_retrace_sends_the_case_back_to_the_start(console: Any, analyst: Any) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/retrace", reason="it moved, I think")
    assert answer.headers["location"].endswith("done=retrace")
    assert (await case_row(console.ctx, case))["state"] == "received"


async def test_what_a_case_is_can_be_said_by_those_who_assess(console: Any, analyst: Any) -> None:
    case = await console.case(source="analysts", assessment=ASSESSED)
    form = (await analyst.get(f"/cases/{case}")).text.partition(f'action="/cases/{case}/assess"')[2].split("</form>")[0]
    assert re.findall(r'<option value="(\w+)"', form) == ["unassessed", "national", "not_illegal"]
    answer = await analyst.send(f"/cases/{case}/assess", assessment="not_illegal", reason="a statue")
    assert answer.headers["location"].endswith("done=assess")
    assert (await case_row(console.ctx, case))["assessment"] == "not_illegal"
    page = (await analyst.get(answer.headers["location"])).text
    assert "Assessed; the case is being decided anew." in page
    assert "a statue" in page


async def test_a_case_that_is_with_a_partner_is_put_on_the_desk(console: Any, analyst: Any) -> None:
    case, _ = await referred(console, analyst)
    assert "Put on the desk" in (await analyst.get(f"/cases/{case}")).text
    answer = await analyst.send(f"/cases/{case}/ask", reason="the imprint says Canada")
    assert answer.headers["location"].endswith("done=ask")
    page = (await analyst.get(answer.headers["location"])).text
    assert "Put here by a person" in page
    assert "the imprint says Canada" in page
    assert f'action="/cases/{case}/ask"' not in page


async def test_an_origin_behind_a_cdn_is_named(console: Any, analyst: Any) -> None:
    console.ctx.tracer.verdict = Verdict(kind=VerdictKind.EDGE_ONLY, confidence=0.9)
    case = await console.case(source="analysts", assessment=ASSESSED)
    assert "Name the origin" in (await analyst.get(f"/cases/{case}")).text
    refused = await analyst.send(f"/cases/{case}/origin", ip="10.0.0.1", reason="the CDN said so")
    assert refused.status_code == 422
    assert "Type a public IP address" in refused.text
    assert (
        await analyst.send(f"/cases/{case}/origin", ip="178.62.210.30", reason="the CDN said so")
    ).status_code == 303


async def test_a_short_link_is_followed_by_hand_and_both_pages_lead_to_each_other(console: Any, analyst: Any) -> None:
    reasons = (Reason(code="shortener", text="It only sends visitors on."),)
    console.ctx.tracer.verdict = Verdict(kind=VerdictKind.UNRESOLVED, reasons=reasons)
    case = await console.case(source="analysts", assessment=ASSESSED)
    page = (await analyst.get(f"/cases/{case}")).text
    assert "A short link" in page
    assert page.index("Location it leads to") < page.index("Decide otherwise")  # asked where the call stands
    refused = await analyst.send(f"/cases/{case}/target", location="nothing", reason="followed it")
    assert refused.status_code == 422
    assert "Type the whole location that it leads to" in refused.text
    done = await analyst.send(f"/cases/{case}/target", location="https://pages.test/secret", reason="followed it")
    assert done.status_code == 303
    page = (await analyst.get(f"/cases/{case}")).text
    linked = re.search(r'href="/cases/([0-9a-f-]{36})">See the case of that place', page)
    assert linked is not None
    assert "Closed: moved elsewhere" in page
    there = (await analyst.get(f"/cases/{linked[1]}")).text
    assert f'href="/cases/{case}">found through a short link' in there
    assert "secret" not in page + there


async def test_what_a_link_carries_is_taken_with_one_key(console: Any, analyst: Any) -> None:
    reasons = (Reason(code="link_wrapper", text="It only carries another location."),)
    inner = "https://pages.test/secret"
    console.ctx.tracer.verdict = Verdict(kind=VerdictKind.UNRESOLVED, reasons=reasons, leads_to=inner)
    case = await console.case(source="analysts", assessment=ASSESSED)
    page = (await analyst.get(f"/cases/{case}")).text
    assert "A link around another location" in page
    assert "The link itself says:" in page
    assert 'value="As the link itself says."' in page
    assert "secret" not in page
    done = await analyst.send(f"/cases/{case}/target", reason="As the link itself says.")
    assert done.status_code == 303
    page = (await analyst.get(f"/cases/{case}")).text
    assert "See the case of that place" in page
    assert "secret" not in page


ASSESSED = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:30:00Z"}


async def test_a_look_that_nobody_asked_for_is_kept_and_answers_nothing(console: Any, analyst: Any) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/look", finding="still_there", reason="I looked")
    assert answer.status_code == 303


async def test_a_look_that_finds_it_gone_closes_the_case(console: Any, analyst: Any) -> None:
    case = await console.case()
    assert (await analyst.send(f"/cases/{case}/look", finding="gone", reason="I looked")).status_code == 303
    assert (await case_row(console.ctx, case))["outcome"] == "removed"


async def test_close_ends_the_case_and_offers_no_more_acts(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/close", outcome="not_illegal", reason="assessed")
    page = (await analyst.get(f"/cases/{case}")).text
    assert "Closed: not illegal" in page
    left = {"reveal", "reopen"}
    assert set(re.findall(rf'action="/cases/{case}/([a-z-]+)"', page)) == left


async def test_hold_until_a_date_then_release(console: Any, analyst: Any) -> None:
    case, referral = await referred(console, analyst)
    until = console.ctx.clock.now().astimezone(console.ctx.zone) + timedelta(days=1)
    await analyst.send(f"/referrals/{referral}/hold", until=f"{until:%Y-%m-%dT%H:%M}", reason="police asked")
    held = await lists.referral(console.ctx, referral)
    assert (held.state, held.hold_until) == ("held", until)
    assert "Held back until" in (await analyst.get(f"/cases/{case}")).text
    await analyst.send(f"/referrals/{referral}/release", reason="police agreed")
    assert (await lists.referral(console.ctx, referral)).state == "waiting"


@pytest.mark.parametrize("until", ["2020-01-01T00:00", "tomorrow"])
async def test_a_hold_until_yesterday_or_nonsense(console: Any, analyst: Any, until: str) -> None:
    _, referral = await referred(console, analyst)
    answer = await analyst.send(f"/referrals/{referral}/hold", until=until, reason="police asked")
    assert answer.status_code == 422
    assert "Give a date and time that lies ahead" in answer.text


async def test_override_replaces_the_referral(console: Any, analyst: Any) -> None:
    case, referral = await referred(console, analyst)
    await analyst.send(f"/referrals/{referral}/override", partner="federal-police", reason="the host is here")
    old, new = await referral_rows(console.ctx, case)
    assert (old["state"], new["partner"], new["supersedes"]) == ("superseded", "federal-police", referral)
    page = (await analyst.get(f"/cases/{case}")).text
    assert "takes the place of an earlier referral" in page
    assert "replaced by another referral" in page


async def test_recall_takes_it_back(console: Any, analyst: Any) -> None:
    _, referral = await referred(console, analyst)
    await analyst.send(f"/referrals/{referral}/recall", reason="wrong page")
    assert (await lists.referral(console.ctx, referral)).state == "recalled"


async def test_retry_sends_now(console: Any, analyst: Any) -> None:
    _, referral = await referred(console, analyst)
    assert (await analyst.send(f"/referrals/{referral}/retry", reason="they are back")).status_code == 303


async def test_a_referral_that_moved_on_is_shown_as_it_is(console: Any, analyst: Any) -> None:
    _, referral = await referred(console, analyst)
    await analyst.send(f"/referrals/{referral}/hold", reason="police asked", version=1)
    late = await analyst.send(f"/referrals/{referral}/recall", reason="mine", version=1)
    assert late.status_code == 409
    assert "Changed in the meantime" in late.text
    assert (await lists.referral(console.ctx, referral)).state == "held"


async def leave(console: Any, referral: str, state: ReferralState, seconds: int | None) -> None:
    """Let a referral be as a worker makes it: its date that many seconds ahead, or none."""
    values = {"state": state, "next_at": None if seconds is None else console.ctx.now() + seconds * 1_000_000}
    change = Change(referrals, {"id": referral}, values)
    await console.ctx.store.commit(Transition(console.ctx.now(), changes=(change,)))


@pytest.mark.parametrize(
    ("state", "seconds", "said"),
    [
        (ReferralState.WAITING, 0, "On its way."),
        (ReferralState.WAITING, 59, "Next try <time"),
        (ReferralState.SENDING, 59, "On its way."),  # the date is the lease's end: nothing is tried then
    ],
)
async def test_what_is_on_its_way_is_not_promised_a_later_try(
    console: Any, analyst: Any, state: ReferralState, seconds: int, said: str
) -> None:
    case, referral = await referred(console, analyst)
    await leave(console, referral, state, seconds)
    page = (await analyst.get(f"/cases/{case}")).text
    assert said in page
    assert ("Look again" in page) is (said == "On its way.")


async def test_the_page_after_an_act_waits_for_what_is_being_sent(
    console: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.console.acts._PATIENCE", 30.0)
    case = await console.case()
    fields = {"partner": "hotline-nl", "assessment": "baseline", "reason": "mine"}
    answer = asyncio.create_task(analyst.send(f"/cases/{case}/refer", **fields))
    while not (rows := await referral_rows(console.ctx, case)):
        await console.ctx.store.wait_for_work(1, console.ctx.store.mark())
    await leave(console, rows[0]["id"], ReferralState.SENDING, 59)
    done, _ = await asyncio.wait({answer}, timeout=0.3)
    assert not done
    await leave(console, rows[0]["id"], ReferralState.REFUSED, None)
    assert (await asyncio.wait_for(answer, 60)).status_code == 303


@pytest.mark.parametrize("act", sorted(REFERRAL_ACTS.keys() - {"receipt", "answer", "taken-back"}))
async def test_every_act_on_a_referral_needs_a_reason(console: Any, analyst: Any, act: str) -> None:
    _, referral = await referred(console, analyst)
    before = await lists.referral(console.ctx, referral)
    answer = await analyst.send(f"/referrals/{referral}/{act}", country="BE")
    assert answer.status_code == 422
    assert "Type a reason" in answer.text
    assert await lists.referral(console.ctx, referral) == before


@pytest.mark.parametrize("act", sorted(CASE_ACTS.keys() - {act.name for act in ACTS if not act.reason}))
async def test_every_act_on_a_case_needs_a_reason(console: Any, analyst: Any, act: str) -> None:
    case = await console.case()
    before = await case_row(console.ctx, case)
    fields = {"assessment": "baseline", "country": "BE", "finding": "gone", "outcome": "removed", "ip": "178.62.210.30"}
    assert (await analyst.send(f"/cases/{case}/{act}", **fields)).status_code == 422
    assert await case_row(console.ctx, case) == before


@pytest.mark.parametrize("path", ["/cases/{case}/burn", "/referrals/{referral}/burn", "/referrals/{case}/recall"])
async def test_what_is_no_act_or_no_referral_is_not_found(console: Any, analyst: Any, path: str) -> None:
    case, referral = await referred(console, analyst)
    answer = await analyst.send(path.format(case=case, referral=referral), reason="x")
    assert answer.status_code == 404


async def test_a_person_without_the_permission_to_assess_cannot_do_so_by_sending(
    console: Any, monkeypatch: Any
) -> None:
    from router.guard import access

    held = {**access.ROLES, Role.ANALYST: access.ROLES[Role.ANALYST] - {access.Permission.REPORT_ASSESS}}
    monkeypatch.setattr("router.casework.people.tokens.ROLES", held)
    case, person = await console.case(), await console.person(Role.ANALYST)
    answer = await person.send(f"/cases/{case}/send", assessment="baseline", reason="agreed")
    assert answer.status_code == 403
    assert await referral_rows(console.ctx, case) == []


async def in_one_bundle(console: Any, person: Any, count: int) -> list[tuple[str, str]]:
    """Return cases and their referrals, as if they lay in one bundle in a police unit's folder."""
    found: list[tuple[str, str]] = []
    for number in range(count):
        case = await console.case(f"r-{number}", f"https://gallery.test/{number}")
        given = {"partner": "federal-police", "assessment": "baseline", "reason": "theirs"}
        assert (await person.send(f"/cases/{case}/refer", **given)).status_code == 303
        (row,) = await referral_rows(console.ctx, case)
        found.append((case, row["id"]))
        bundled = {"by_people": 1, "bundle": found[0][1], "may_have_arrived": 1}
        change = Change(referrals, {"id": row["id"]}, bundled, row["version"])
        await console.ctx.store.commit(Transition(console.ctx.now(), (change,)))
    return found


async def test_a_receipt_says_which_items_it_confirms_before_it_does(console: Any, analyst: Any, read: Any) -> None:
    held = await in_one_bundle(console, analyst, 3)
    case, referral = held[0]
    page = read((await analyst.get(f"/cases/{case}")).text)
    assert all(code_of(one) in page.text for _, one in held)
    assert "All 3 items of its bundle" in page.text
    asked = [one for one in page.all("input") if one.get("name") == "covers"]
    assert [(one["value"], "checked" in one) for one in asked] == [("whole", False), ("only", False)]
    refused = await analyst.send(f"/referrals/{referral}/receipt", number="FP/1")
    assert refused.status_code == 422
    assert "holds 3 items" in refused.text
    await analyst.send(f"/referrals/{referral}/receipt", number="FP/1", covers="only")
    assert [(await referral_rows(console.ctx, one))[0]["receipt"] for one, _ in held] == ["FP/1", None, None]
    await analyst.send(f"/referrals/{held[1][1]}/receipt", number="FP/2", covers="whole")
    assert [(await referral_rows(console.ctx, one))[0]["receipt"] for one, _ in held] == ["FP/1", "FP/2", "FP/2"]


async def test_of_a_bundle_with_one_item_nothing_is_asked(console: Any, analyst: Any) -> None:
    ((case, referral),) = await in_one_bundle(console, analyst, 1)
    assert "covers" not in (await analyst.get(f"/cases/{case}")).text
    assert (await analyst.send(f"/referrals/{referral}/receipt", number="FP/1")).status_code == 303


async def test_what_was_told_by_hand_is_confirmed_by_what_it_is_known(console: Any, analyst: Any) -> None:
    case, referral = await referred(console, analyst)
    row = (await referral_rows(console.ctx, case))[0]
    by_hand = {"state": ReferralState.RECALLED, "last_reason": BY_HAND, "last_text": "x", "next_at": None}
    change = Change(referrals, {"id": referral}, by_hand, row["version"])
    await console.ctx.store.commit(Transition(0, (change,)))
    page = (await analyst.get(f"/cases/{case}")).text
    assert f"/referrals/{referral}/taken-back" in page
    assert (await analyst.send(f"/referrals/{referral}/taken-back")).status_code == 422
    assert (await analyst.send(f"/referrals/{referral}/taken-back", reference="their letter")).status_code == 303
    shown = await lists.referral(console.ctx, referral)
    assert (shown.state, shown.unconfirmed, shown.acts) == (ReferralState.RECALLED, False, ())


async def test_not_illegal_is_one_button_for_who_has_seen_it(console: Any, analyst: Any) -> None:
    case = await console.case(seen=False)
    page = (await analyst.get(f"/cases/{case}")).text
    assert f'action="/cases/{case}/not-illegal"' not in page
    assert f'action="/cases/{case}/send"' not in (await analyst.get("/")).text
    refused = await analyst.send(f"/cases/{case}/not-illegal")
    assert (refused.status_code, "reveal it first" in refused.text) == (409, True)
    revealed = (await analyst.send(f"/cases/{case}/reveal", reason="to look")).text
    assert f'action="/cases/{case}/not-illegal"' in revealed
    answer = await analyst.send(f"/cases/{case}/not-illegal", back="desk")
    assert (answer.status_code, (await case_row(console.ctx, case))["outcome"]) == (303, "not_illegal")


async def test_what_was_sent_is_undone_with_one_button_and_a_closed_case_opened_again(
    console: Any, analyst: Any
) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="mine")
    assert f'action="/cases/{case}/undo"' in (await analyst.get(f"/cases/{case}")).text
    assert (await analyst.send(f"/cases/{case}/undo")).status_code == 303
    assert (await case_row(console.ctx, case))["state"] == "desk"
    await analyst.send(f"/cases/{case}/not-illegal")
    assert f'action="/cases/{case}/reopen"' in (await analyst.get(f"/cases/{case}")).text
    assert (await analyst.send(f"/cases/{case}/reopen", reason="a mistake")).status_code == 303
    row = await case_row(console.ctx, case)
    assert (row["state"], row["outcome"], row["desk_code"]) == ("desk", None, "asked")
