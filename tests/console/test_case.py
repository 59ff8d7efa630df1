# ruff: noqa: RUF001 - the pages have typographic apostrophes

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from router.casework.case import desk_entry
from router.casework.case.record import case_row, referral_rows
from router.casework.deliver.source_cap import CAPPED_RANKS, caps_for, put_off
from router.casework.govern.sources import change_source
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.casework.referral.row import NONE_GIVEN
from router.clock import micros
from router.console.case import Attempted, beside
from router.guard.access import ROLES
from router.partners.base import Tools
from router.store.base import Add, Change, Transition
from router.store.schema.tables import cases, probes, referrals, unit_answers
from schemas.actor import ROUTER, Actor, Role
from schemas.casefile import DeskCode
from schemas.source import SourceChange
from schemas.trace import Address, Basis, Claim, DnsOutcome, Evidence, NameRecord, Reason, Verdict, VerdictKind
from tests.casework.deliver.test_will_leave import Peer


async def test_the_page_tells_why_where_how_and_what_happened(console: Any, analyst: Any, read: Any) -> None:
    case = await console.case()
    page = read((await analyst.get(f"/cases/{case}")).text)
    for words in (
        "Not assessed yet",
        "Netherlands",
        "The path through the policy",
        "not-assessed",
        "Case opened",
        "form",
    ):
        assert words in page.text, words


async def test_nothing_of_the_location_is_shown_before_a_reveal(console: Any, analyst: Any, canary: str) -> None:
    case = await console.case()
    for path in (f"/cases/{case}", "/", "/cases"):
        assert canary not in (await analyst.get(path)).text


async def test_a_reveal_shows_it_once_defanged_and_never_as_a_link(
    console: Any, analyst: Any, read: Any, canary: str
) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/reveal", reason="to assess it")
    page = read(answer.text)
    assert answer.status_code == 200
    assert f"hxxps://www[.]{canary}-pictures[.]test/{canary}?album={canary}#{canary}" in page.text
    assert not [one for one in page.all("a") if canary in str(one.get("href"))]
    assert canary not in (await analyst.get(f"/cases/{case}")).text


async def test_a_reveal_is_in_the_timeline_with_its_reason(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/reveal", reason="to assess it")
    page = (await analyst.get(f"/cases/{case}")).text
    assert "Location revealed" in page
    assert "to assess it" in page


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "two\x07bells"])
async def test_a_reveal_without_a_reason_shows_nothing(console: Any, analyst: Any, reason: str, canary: str) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/reveal", reason=reason)
    assert answer.status_code == 422
    assert canary not in answer.text
    assert "Type a reason" in answer.text


async def test_who_may_not_reveal_is_not_asked_to(console: Any) -> None:
    case = await console.case()
    viewer = await console.person(Role.VIEWER)
    assert "Reveal the location" not in (await viewer.get(f"/cases/{case}")).text


async def test_what_came_with_a_report_is_shown_only_when_revealed(console: Any, analyst: Any) -> None:
    item = {
        "location": "https://page.test/",
        "ways_in": {"referrer": "https://refer.test/x", "steps": ["third album"], "required_country": "FR"},
        "account": {"platform": "chat", "handle": "somebody7"},
    }
    case = await console.case(items=[item], memo="the caller cried", note_to_partner="see album 3")
    masked = (await analyst.get(f"/cases/{case}")).text
    full = (await analyst.send(f"/cases/{case}/reveal", reason="x")).text
    for words in (
        "third album",
        "somebody7 (chat)",
        "the caller cried",
        "see album 3",
        "hxxps://refer[.]test/x",
        "France",
    ):
        assert words in full
        assert words not in masked


async def test_what_the_report_says_of_the_material_is_shown_on_reveal_only(console: Any, analyst: Any) -> None:
    seen = {"age": "pre_pubescent", "gender": "both", "payment_methods": ["visa", "other"]}
    case = await console.case(items=[{"location": "https://page.test/", "site_type": "forum", **seen}])
    words = {"age": "before puberty", "gender": "both sexes", "payment": "Visa, another means", "kind of site": "forum"}
    page = (await analyst.get(f"/cases/{case}")).text
    whole = (await analyst.send(f"/cases/{case}/reveal", reason="x")).text
    for label, said in words.items():
        assert f"<dt>{label}</dt><dd>{said}</dd>" in whole
        assert said not in page


async def test_who_holds_an_item_reveals_it_in_one_key(console: Any, analyst: Any) -> None:
    case = await console.case()
    asked = (await analyst.get(f"/cases/{case}")).text
    assert "data-reveal" not in asked
    await analyst.send(f"/cases/{case}/take")
    held = (await analyst.get(f"/cases/{case}")).text
    assert "data-reveal" in held
    whole = (await analyst.send(f"/cases/{case}/reveal")).text
    assert "Shown in full, this once" in whole


async def test_a_persons_choice_stands_beside_what_the_policy_said(console: Any, analyst: Any) -> None:
    case = await console.case()
    assert "What the policy said" not in (await analyst.get(f"/cases/{case}")).text
    await analyst.send(f"/cases/{case}/refer", reason="they too", partner="federal-police", assessment="baseline")
    page = (await analyst.get(f"/cases/{case}")).text
    assert ("Decided by anna-" in page, "What the policy said" in page) == (True, True)
    assert '<ol class="path">' in page.split("What the policy said")[1].split("</section>")[0]


async def test_what_will_be_sent_is_shown_field_by_field_with_the_location(
    console: Any, analyst: Any, canary: str
) -> None:
    known = {"router": Peer(Tools(cast("Any", None), console.ctx.clock, console.ctx.me))}
    console.app.state.ctx = console.ctx = replace(console.ctx, dialects=known)
    case = await console.case()
    page = (await analyst.get(f"/cases/{case}")).text
    assert ("What will be sent" in page, "Youngest child" in page, canary in page) == (True, True, False)
    whole = (await analyst.send(f"/cases/{case}/reveal", reason="x")).text
    assert canary in whole.split("What will be sent")[1].split("</section>")[0]


async def test_who_has_had_it_and_which_cases_belong_to_it(console: Any, analyst: Any) -> None:
    items = [{"location": "https://page.test/"}, {"location": "https://file.test/1", "parent": "report-of-page"}]
    page_case = await console.case(items=items[:1], reference="report-of-page")
    file_case = await console.case(items=items[1:])
    page = (await analyst.get(f"/cases/{page_case}")).text
    assert f'<a href="/cases/{file_case}">a file on it</a>' in page
    assert f'<a href="/cases/{page_case}">the page it is on</a>' in (await analyst.get(f"/cases/{file_case}")).text
    assert "Who has had it" in page


async def test_how_its_host_was_asked_is_shown(console: Any, analyst: Any, read: Any) -> None:
    case, at = await console.case(), console.ctx.now()
    assert "Asked whether it is there" not in (await analyst.get(f"/cases/{case}")).text
    probe = {"case_id": case, "at": at, "ended_at": at + 1, "referrer": "withheld"}
    found = (("answered", 404), ("refused", None), (None, None))
    adds = [Add(probes, {"id": str(n), **probe, "finding": f, "status": s}) for n, (f, s) in enumerate(found)]
    await console.ctx.store.commit(Transition(at, adds=tuple(adds)))
    text = read((await analyst.get(f"/cases/{case}")).text).text
    for words in ("Asked whether it is there", "its server answered 404", "nobody listens there", "no answer was kept"):
        assert words in text
    assert "which may name somebody" in text


async def test_each_source_of_each_address_is_a_row(console: Any, analyst: Any, read: Any) -> None:
    class Known:
        def offline(self, locator: Any) -> Any:
            from schemas.trace import Trace

            evidence = (
                Evidence(
                    source="ranges",
                    claim=Claim(basis=Basis.LOCATION, country="NL"),
                    as_of="2026-10-26",
                    detail="Cloud, ams",
                ),
                Evidence(
                    source="delegation", claim=Claim(basis=Basis.REGISTRATION, country="US"), prefix="178.62.0.0/16"
                ),
                Evidence(source="cdn", claim=Claim(basis=Basis.EDGE), detail="Edge"),
            )
            verdict = Verdict(
                kind=VerdictKind.COUNTRY, country="NL", confidence=0.9987,
                reasons=(Reason(code="places_agree", text="They say NL."), Reason(code="own", text="Only in English."))
            )  # fmt: skip
            return Trace(
                host=locator.host,
                traced_at=console.ctx.clock.now(),
                verdict=verdict,
                names=(NameRecord(name="www.page.test", type="A", target="178.62.210.30", outcome=DnsOutcome.OK),),
                addresses=(
                    Address(
                        ip="178.62.210.30",
                        asn=14061,
                        operator="Cloud",
                        country="NL",
                        confidence=0.99,
                        evidence=evidence,
                    ),
                ),
            )

        async def trace(self, locator: Any, **_: Any) -> Any:
            return self.offline(locator)

    object.__setattr__(console.ctx, "tracer", Known())
    case = await console.case()
    page = read((await analyst.get(f"/cases/{case}")).text)
    for words in (
        "ranges the operator publishes", "where the machine is", "2026-10-26", "Cloud, ams",
        "registry’s allocation", "where the holder is registered", "United States", "178.62.0.0/16",
        "known CDNs and proxies", "AS14061", "178.62.210.30", "99%", "Only in English.",
    ):  # fmt: skip
        assert words in page.text, words
    assert "100%" not in page.text
    assert {"class": "against"} in page.all("tr")


async def test_the_timeline_speaks_the_language_of_the_page(console: Any, read: Any) -> None:
    case = await console.case()
    person = await console.person(Role.ANALYST, "nl")
    page = read((await person.get(f"/cases/{case}")).text)
    assert "land: Nederland · zekerheid: 99" in page.text
    assert "True" not in page.text


@pytest.mark.parametrize("path", ["/cases/nonsense", "/cases/01999999-0000-7000-8000-000000000000"])
async def test_a_case_that_is_not_there(analyst: Any, path: str) -> None:
    answer = await analyst.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_only_the_form_that_was_refused_gets_its_text_back() -> None:
    attempted = Attempted("hold", {"reason": "typed"}, "referral-1")
    assert attempted.typed("hold", "reason", "referral-1") == "typed"
    assert attempted.typed("hold", "until", "referral-1") == ""
    assert attempted.typed("hold", "reason", "referral-2") == ""
    assert attempted.typed("recall", "reason", "referral-1") == ""


async def test_what_waits_for_its_sources_daily_cap_says_so(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="mine")
    (row,) = await referral_rows(console.ctx, case)
    await change_source(console.ctx, "form", SourceChange(daily_cap=1), ROUTER)
    caps = await caps_for(console.ctx, "hotline-nl")
    assert caps is not None
    full = replace(caps, quota=replace(caps.quota, caps={"form": 0}))
    assert (await put_off(console.ctx, full, referrals.c.id == row["id"], CAPPED_RANKS)).late == 1
    assert "sent this partner all it may in a day" in (await analyst.get(f"/cases/{case}")).text


@pytest.mark.parametrize(
    ("locale", "text", "since"),
    [
        ("en", "A part of it is done", "this far"),
        ("nl", "Een deel is gedaan", "tot hier"),
        ("fr", "Une partie est faite", "jusqu’ici"),
        ("de", "Ein Teil ist getan", "bis hierher"),
    ],
)
async def test_a_referral_of_several_steps_says_how_far_it_is(
    console: Any, read: Any, locale: str, text: str, since: str
) -> None:
    case = await console.case()
    person = await console.person(Role.ANALYST, locale)
    await person.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="mine")
    (row,) = await referral_rows(console.ctx, case)
    done = {"progress_step": "made", "progress_text": "A part of it is done.", "progress_at": console.ctx.now()}
    await console.ctx.store.commit(Transition(console.ctx.now(), [Change(referrals, {"id": row["id"]}, done)]))
    page = read((await person.get(f"/cases/{case}")).text).text
    assert text in page
    assert since in page


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "No receipt was given."),
        ("nl", "Er werd geen ontvangstbewijs gegeven."),
        ("fr", "Aucun accusé de réception n’a été donné."),
        ("de", "Es wurde keine Empfangsbestätigung gegeben."),
    ],
)
async def test_what_was_taken_without_a_receipt_says_so(console: Any, read: Any, locale: str, words: str) -> None:
    case = await console.case()
    person = await console.person(Role.ANALYST, locale)
    await person.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="mine")
    assert words not in read((await person.get(f"/cases/{case}")).text).text
    (row,) = await referral_rows(console.ctx, case)
    now = console.ctx.now()
    taken = {"state": "accepted", "receipt": NONE_GIVEN, "accepted_at": now, "next_at": None}
    await console.ctx.store.commit(Transition(now, (Change(referrals, {"id": row["id"]}, taken, row["version"]),)))
    assert words in read((await person.get(f"/cases/{case}")).text).text


FOUND = {"value": "not_illegal", "assessed_by": "bert", "assessed_at": "2026-11-22T08:30:00Z"}


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("The sources disagree whether it is illegal", "not illegal", "illegal everywhere (baseline)")),
        ("nl", ("De bronnen zijn het oneens of het strafbaar is", "niet strafbaar", "overal strafbaar (baseline)")),
        ("fr", ("Les sources ne sont pas d’accord sur l’illégalité", "non illégal", "illégal partout (baseline)")),
        (
            "de",
            ("Die Quellen sind sich nicht einig, ob es strafbar ist", "nicht strafbar", "überall strafbar (Baseline)"),
        ),
    ],
)
async def test_who_found_what_is_shown_and_where_they_disagree_a_person_says_which_is_right(
    console: Any, read: Any, locale: str, words: tuple[str, ...]
) -> None:
    case = await console.case(source="analysts", assessment=FOUND)
    await console.case("r-2", source="analysts", assessment=FOUND | {"value": "baseline", "assessed_by": "inspector"})
    person = await console.person(Role.ANALYST, locale)
    page = read((await person.get(f"/cases/{case}")).text)
    for word in (*words, "bert", "inspector"):
        assert word in page.text, word
    assert {"baseline", "national", "not_illegal"} <= {one.get("value") for one in page.all("option")}


async def test_a_case_of_which_the_police_asked_to_tell_nobody_says_so(console: Any, analyst: Any) -> None:
    case = await console.case()
    given = {"partner": "federal-police", "assessment": "baseline", "reason": "theirs"}
    await analyst.send(f"/cases/{case}/refer", **given)
    (row,) = await referral_rows(console.ctx, case)
    until = micros(console.ctx.clock.now() + timedelta(days=3))
    said = {"id": "u", "referral_id": row["id"], "case_id": case, "answer": "hold_until", "by": "anna", "until": until}
    add = Add(unit_answers, said | {"at": console.ctx.now()})
    await console.ctx.store.commit(Transition(console.ctx.now(), (), (add,)))
    assert "asked that nobody be told before" in (await analyst.get(f"/cases/{case}")).text
    await analyst.send(f"/cases/{case}/ask", reason="look at it")
    assert "tell nobody before" in (await analyst.get("/")).text
    console.ctx.clock.advance(timedelta(days=4))
    assert "nobody be told" not in (await analyst.get(f"/cases/{case}")).text


@pytest.mark.parametrize("code", list(DeskCode))
async def test_every_question_has_its_next_step_beside_it_and_is_offered_what_the_server_takes(
    console: Any, analyst: Any, read: Any, code: DeskCode
) -> None:
    """Several at once: each stands in its own card with the forms that answer it, for who has seen the location."""
    case = await console.case()
    row = await case_row(console.ctx, case)
    asked = desk_entry.put_on_desk(row, (code, "why"), console.ctx.now())
    await console.ctx.store.commit(Transition(console.ctx.now(), (Change(cases, {"id": case}, asked, row["version"]),)))
    actor = Actor(id="person:anna-analyst", role=Role.ANALYST, permissions=ROLES[Role.ANALYST])
    file = file_seen_by(await case_file(console.ctx, case, reader=actor), actor.permissions)
    assert file.desk is not None
    assert code in {one.code for one in file.desk.questions}
    page = (await analyst.get(f"/cases/{case}")).text
    cards = page.split('aria-labelledby="why-')[1:]
    assert len(cards) == len(file.desk.questions)
    for one, acts, card in zip(file.desk.questions, beside(file), cards, strict=True):
        assert acts, f"{one.code} names no act"
        assert set(acts) <= set(file.acts)
        shown = set(re.findall(rf' action="/cases/{case}/([a-z-]+)"', card.partition("</section>")[0]))
        assert shown == set(acts) - {"reveal"}  # seen already


async def test_only_a_supervisor_finds_spam_among_the_outcomes(console: Any, analyst: Any, supervisor: Any) -> None:
    case = await console.case()
    assert '<option value="spam"' not in (await analyst.get(f"/cases/{case}")).text
    assert '<option value="spam"' in (await supervisor.get(f"/cases/{case}")).text
    assert (await analyst.send(f"/cases/{case}/close", outcome="spam", reason="ads")).status_code == 403
    assert (await supervisor.send(f"/cases/{case}/close", outcome="spam", reason="ads")).status_code == 303


async def test_whose_a_partner_believes_it_to_be_is_read_in_ones_own_language(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", partner="federal-police", assessment="baseline", reason="theirs")
    (row,) = await referral_rows(console.ctx, case)
    said = "It took the case, and says since that it is not theirs. They believe that it is for CA. They say: Ottawa"
    values = {"state": "refused", "last_text": said, "next_at": None}
    change = Change(referrals, {"id": row["id"]}, values, row["version"])
    await console.ctx.store.commit(Transition(console.ctx.now(), (change,)))
    dutch = await console.person(Role.SUPERVISOR, "nl")
    page = (await dutch.get(f"/cases/{case}")).text
    assert "Zij denken dat het voor Canada is. Zij zeggen: Ottawa" in page
