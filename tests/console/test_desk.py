from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from router.casework.case.record import referral_rows
from router.casework.follow_up.letters import tell
from router.guard.seal import CaseKey
from router.store.base import Add, Change, Transition
from router.store.schema.tables import cases, referrals, unit_answers
from router.store.sqlite.engine import SqliteEngine
from schemas.actor import Role
from schemas.letter import Letter
from schemas.partner import Partner
from schemas.reply_code import code_of
from schemas.states import CaseState
from tests.casebook import Scripted
from tests.embargoes import embargo

#: What a page of the desk asks the database, whatever is on it: the session, the page, its rows, what stands around.
QUESTIONS = 31


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


@pytest.mark.parametrize(
    "path", ["/cases?state=nonsense", "/?due=soon", "/?order=luck", "/?country=nl", "/referrals?state=x", "/?after=x"]
)
async def test_what_cannot_be_wanted_is_refused_and_never_left_out(analyst: Any, path: str) -> None:
    assert (await analyst.get(path)).status_code == 422


async def test_the_figures_of_the_strip_lead_to_what_they_count(console: Any, analyst: Any, read: Any) -> None:
    urgent = await console.case("r-1", "https://a.test/", urgency="live")
    await console.case("r-2", "https://b.test/")
    console.ctx.clock.advance(timedelta(minutes=20))
    page = read((await analyst.get("/")).text)
    strip = {one["aria-label"]: one["href"] for one in page.all("a") if "aria-label" in one}
    counted = {label: href for label, href in strip.items() if label.endswith(": 1")}
    assert set(counted) == {"At risk now: 1", "Overdue: 1", "Due today: 1"}
    for href in counted.values():
        answer = await analyst.get(href)
        assert "One in all" in answer.text
        assert f"/cases/{urgent}" in answer.text
    assert len(strip) == 6
    for href in strip.values():
        assert (await analyst.get(href)).status_code == 200


async def test_every_figure_of_the_strip_is_a_link(console: Any, supervisor: Any) -> None:
    """Those too that stand there only now and then, as data that wait for a person do."""
    console.app.state.ctx = replace(console.ctx, hosts_moved=lambda: 7)
    text = (await supervisor.get("/")).text
    strip = text[text.index('class="strip"') : text.index("</dl>")]
    assert strip.count("<dt>") == 7
    assert strip.count("<dd><a ") == 7
    page = await supervisor.get("/changes")
    assert "Hosts that new data move: 7" in page.text


async def test_the_desk_says_how_many_there_are_and_goes_on(
    console: Any, analyst: Any, read: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("router.console.desk.DESK_PAGE", 2)
    cases = []
    for number in range(3):
        cases.append(await console.case(f"r-{number}", f"https://page{number}.test/"))
        console.ctx.clock.advance(timedelta(minutes=2))
    first = await analyst.get("/")
    assert "3 locations wait for a person" in first.text
    (following,) = [one["href"] for one in read(first.text).all("a") if one.get("rel") == "next"]
    second = await analyst.get(following)
    assert [f"/cases/{case}" in first.text for case in cases] == [True, True, False]
    assert [f"/cases/{case}" in second.text for case in cases] == [False, False, True]
    assert 'rel="next"' not in second.text


async def test_the_desk_is_narrowed_by_what_there_is(console: Any, analyst: Any) -> None:
    case = await console.case()
    page = (await analyst.get("/")).text
    for option in ('<option value="not_assessed">', '<option value="form">', '<option value="NL">'):
        assert option in page
    assert case in (await analyst.get("/?reason=not_assessed&country=NL&source=form&partner=")).text
    assert "Nothing on the desk is like that" in (await analyst.get("/?country=FR")).text
    assert "Nothing on the desk is like that" in (await analyst.get("/?waits=1d")).text
    console.ctx.clock.advance(timedelta(days=1, minutes=1))
    tomorrow = await console.person(Role.SUPERVISOR)
    assert case in (await tomorrow.get("/?waits=1d")).text


async def test_a_number_is_asked_for_by_a_form_and_one_that_names_a_location_by_nothing_else(
    console: Any, analyst: Any, read: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("router.console.desk.PAGE", 1)
    number = "https://gallery.test/7"
    case = await console.case(number, "https://gallery.test/7")
    other = await console.case("r-2", "https://other.test/")
    page = read((await analyst.get("/cases")).text)
    assert page.form("/cases")["method"] == "post"
    found = await analyst.send("/cases", number=number)
    assert (found.status_code, f"/cases/{case}" in found.text, f"/cases/{other}" in found.text) == (200, True, False)
    refused = await analyst.get(f"/cases?number={quote(number)}")
    assert refused.status_code == 422
    assert "our own number" in refused.text
    assert (await analyst.get("/cases?number=r-2")).status_code == 200


async def test_one_box_says_as_what_it_read_a_text(console: Any, analyst: Any) -> None:
    case = await console.case("NL", "https://pictures.gallery.test/7")
    found = (await analyst.send("/cases", number="gallery.test")).text
    assert f"/cases/{case}" in found
    assert "Read as a domain, with every host under it." in found
    found = (await analyst.send("/cases", number="NL")).text
    assert f"/cases/{case}" in found
    assert "Read as a number." in found
    assert 'href="/cases?country=NL"' in found
    assert "It also names a country: Netherlands" in found
    assert 'action="/cases"' in (await analyst.get("/")).text


async def test_the_desk_is_narrowed_by_a_number(console: Any, analyst: Any) -> None:
    case = await console.case("r-1", "https://gallery.test/7")
    other = await console.case("r-2", "https://other.test/")
    page = (await analyst.get("/?number=r-1")).text
    assert (f"/cases/{case}" in page, f"/cases/{other}" in page, "One in all" in page) == (True, False, True)
    assert (await analyst.get(f"/?number={quote('https://gallery.test/7')}")).status_code == 422


async def test_the_police_s_number_is_found_as_it_was_typed(console: Any, analyst: Any) -> None:
    case = await console.case("r-1", "https://gallery.test/7")
    other = await console.case("r-2", "https://other.test/")
    said = {"referral_id": case, "case_id": case, "answer": "received", "at": 1, "by": "anna", "number": "FP.BE/77"}
    await console.ctx.store.commit(Transition(console.ctx.now(), (), (Add(unit_answers, {"id": case} | said),)))
    found = (await analyst.send("/cases", number="FP.BE/77")).text
    assert (f"/cases/{case}" in found, f"/cases/{other}" in found) == (True, False)


class Writes(Scripted):
    confirmed_by_people = True

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Letter] = []

    async def letters(self, partner: Partner) -> Sequence[Letter]:
        return self.found if partner.name == "federal-police" else []


@pytest.fixture
def written(console: Any) -> list[Letter]:
    """What the police unit put into its folder: a test fills it."""
    spoken = console.ctx.dialects["router"] = Writes()
    return spoken.found


LETTER = "0190f7a1-0000-7000-8000-00000000000b"


async def test_a_list_says_how_far_a_referral_is_that_waits_for_its_partner(console: Any, analyst: Any) -> None:
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", partner="federal-police", assessment="baseline", reason="theirs")
    (row,) = await referral_rows(console.ctx, case)
    done = "Bundle 31YF-KJS5-B29S-QB75-GMZR-MK1H-FX9P is in the unit's folder; no receipt yet."
    begun = {
        "progress_step": "in_folder",
        "progress_text": done,
        "progress_at": 1,
        "next_at": console.ctx.now() + 10**9,
    }
    await console.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, begun),)))
    page = (await (await console.person(Role.SUPERVISOR, "nl")).get("/referrals?partner=federal-police")).text
    assert "staat in de map van de eenheid; nog geen ontvangstbewijs." in page


def letter(text: str, **more: Any) -> Letter:
    said = {"id": LETTER, "partner": "federal-police", "at": "2026-11-30T08:00:00Z", "is_signed": False, "text": text}
    return Letter.model_validate(said | more)


async def test_an_unsigned_letter_stands_beside_what_can_be_done_about_it(
    console: Any, analyst: Any, written: list[Letter]
) -> None:
    case = await console.case()
    given = {"partner": "federal-police", "assessment": "baseline", "reason": "theirs"}
    await analyst.send(f"/cases/{case}/refer", **given)
    (row,) = await referral_rows(console.ctx, case)
    change = Change(referrals, {"id": row["id"]}, {"by_people": 1}, row["version"])
    await console.ctx.store.commit(Transition(console.ctx.now(), (change,)))
    part = {"kind": "image/jpeg", "size": 17, "sha256": "00"}
    written.append(letter("<b>we have it</b>, FP/12", numbers={row["id"]: "FP/12"}, dropped=(part,)))
    page = (await analyst.get(f"/cases/{case}")).text
    for said in ("&lt;b&gt;we have it&lt;/b&gt;", "not signed", "image/jpeg", f"/referrals/{row['id']}/receipt"):
        assert said in page
    viewer = await console.person(Role.VIEWER)
    assert "we have it" not in (await viewer.get(f"/cases/{case}")).text


async def test_a_letter_that_names_no_case_is_read_on_a_page_of_its_own(
    console: Any, analyst: Any, written: list[Letter]
) -> None:
    assert "There are no letters" in (await analyst.get("/letters")).text
    written.append(letter("which one was it?"))
    page = (await analyst.get("/letters")).text
    assert "which one was it?" in page
    assert "It names no case of ours" in page
    assert "I read it" not in page
    await tell(console.ctx)
    assert f'action="/letters/{LETTER}/read"' in (await analyst.get("/letters")).text
    sent = await analyst.send(f"/letters/{LETTER}/read")
    assert "Nobody is told of this letter any more" in (await analyst.get(sent.headers["location"])).text
    assert "I read it" not in (await analyst.get("/letters")).text
    assert (await analyst.send(f"/letters/{LETTER}/read")).status_code == 409
    viewer = await console.person(Role.VIEWER)
    assert (await viewer.get("/letters")).status_code == 403
    assert 'href="/letters"' not in (await viewer.get("/")).text


async def test_a_digest_is_taken_once_and_its_text_is_shown_all_day(console: Any, analyst: Any) -> None:
    assert "Nobody is to be reminded" in (await analyst.get("/letters")).text
    case = await console.case()
    await analyst.send(f"/cases/{case}/refer", partner="federal-police", assessment="baseline", reason="theirs")
    (row,) = await referral_rows(console.ctx, case)
    has_it = {"state": "accepted", "receipt": "FP/7", "accepted_at": 1, "still_there_at": 2, "next_at": None}
    there = Change(cases, {"id": case}, {"still_there": 1})
    await console.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, has_it), there)))
    while console.ctx.clock.now().weekday() != 0:
        console.ctx.clock.advance(timedelta(days=1))
    signed_in = await console.person(Role.SUPERVISOR)
    assert 'action="/reminders/federal-police"' in (await signed_in.get("/letters")).text
    sent = await signed_in.send("/reminders/federal-police")
    page = (await signed_in.get(sent.headers["location"])).text
    for said in ("hand it over now", "yours: FP/7", code_of(row["id"]), "Handed over by", "Questions for the police"):
        assert said in page
    assert 'action="/reminders/federal-police"' not in page
    assert (await signed_in.send("/reminders/federal-police")).status_code == 404


async def test_a_page_costs_as_many_questions_however_many_rows_it_has(
    console: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No question for a row, and each case is opened once, also where an embargo may hold some of them."""
    await embargo(console.ctx, "host", "elsewhere.example.org")
    asked: list[object] = []
    fields: list[str] = []
    ask, look, unseal = SqliteEngine.rows, SqliteEngine.look_up, CaseKey.open

    async def rows(self: SqliteEngine, statement: Any) -> Any:
        asked.append(statement)
        return await ask(self, statement)

    async def look_up(self: SqliteEngine, lookup: Any, values: Any) -> Any:
        asked.append(lookup)
        return await look(self, lookup, values)

    def opened(self: CaseKey, field: str, sealed: bytes) -> bytes:
        fields.append(field)
        return unseal(self, field, sealed)

    costs = []
    for first, last in ((0, 2), (2, 7)):
        for n in range(first, last):
            await console.case(f"r-{n}", f"https://page{n}.test/")
        await analyst.get("/")  # compiles what it needs, and says when the session was used
        with monkeypatch.context() as patch:
            patch.setattr(SqliteEngine, "rows", rows)
            patch.setattr(SqliteEngine, "look_up", look_up)
            patch.setattr(CaseKey, "open", opened)
            assert (await analyst.get("/")).text.count('<li class="row') == last
        costs.append(len(asked))
        assert sum(one.startswith("case:") for one in fields) == last
        asked.clear()
        fields.clear()
    assert costs[0] == costs[1] <= QUESTIONS
