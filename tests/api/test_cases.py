from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import select

from router.casework.people import tokens
from router.store.base import Change, Transition
from router.store.schema.tables import audit, cases, referrals
from router.worker.loop import Worker
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from schemas.reply_code import code_of
from schemas.trace import Verdict, VerdictKind
from tests.office import report, token_for

REFERRED = {"reason": "surely Dutch", "country": "NL", "assessment": "baseline"}
LOCATION = "https://gallery.test/hidden-path"


@pytest.fixture
async def case(analyst: httpx2.AsyncClient) -> str:
    answer = await analyst.post("/v1/reports", json=report(location=LOCATION, memo="ring back"))
    found: str = answer.json()["items"][0]["case"]
    await analyst.post(f"/v1/cases/{found}/reveal", json={"reason": "to look"})
    return found


async def state_of(served: Any, case: str) -> Any:
    (row,) = await served.ctx.store.rows(select(cases).where(cases.c.id == case))
    return row


async def test_cases_come_in_pages_newest_first(analyst: httpx2.AsyncClient) -> None:
    made = []
    for n in range(5):
        answer = await analyst.post("/v1/reports", json=report(f"r-{n}", f"https://h{n}.test/"))
        made.append(answer.json()["items"][0]["case"])
    found: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await analyst.get("/v1/cases", params=query)).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == made[::-1]
    assert cursor is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "query/limit"),
        ({"limit": 501}, "query/limit"),
        ({"limit": "x"}, "query/limit"),
        ({"state": "lost"}, "query/state"),
        ({"cursor": "' OR 1=1"}, "query/cursor"),
    ],
)
async def test_a_query_that_cannot_be(
    analyst: httpx2.AsyncClient, is_problem: Any, query: dict[str, Any], field: str
) -> None:
    body = is_problem(await analyst.get("/v1/cases", params=query), 422, "invalid_field")
    assert body["errors"][0]["field"] == field


async def test_nothing_read_without_a_reveal_shows_the_location(analyst: httpx2.AsyncClient, case: str) -> None:
    for path in ("/v1/cases", "/v1/cases/desk", f"/v1/cases/{case}"):
        answer = await analyst.get(path)
        assert answer.status_code == 200
        assert "hidden-path" not in answer.text
        assert "gallery" not in answer.text
        assert "ring back" not in answer.text


async def test_a_reveal_shows_it_and_is_in_the_audit(served: Any, analyst: httpx2.AsyncClient, case: str) -> None:
    answer = await analyst.post(f"/v1/cases/{case}/reveal", json={"reason": "to assess it"})
    assert answer.status_code == 200
    assert answer.json()["revealed"] is True
    assert "hidden-path" in answer.text
    assert "https://gallery" not in answer.json()["location"], "never a link"
    acts = await served.ctx.store.rows(select(audit).where(audit.c.case_id == case).order_by(audit.c.seq.desc()))
    assert acts[0]["actor"] == "person:a-analyst"
    assert "reveal" in acts[0]["act"]


async def test_a_reveal_needs_its_reason_but_for_who_has_it_before_them(
    served: Any, analyst: httpx2.AsyncClient, supervisor: httpx2.AsyncClient, is_problem: Any, case: str
) -> None:
    for _ in range(3):
        await Worker(served.ctx).turn()
    body = is_problem(await analyst.post(f"/v1/cases/{case}/reveal", json={}), 422, "bad_input")
    assert body["errors"][0]["field"] == "/reason"
    assert (await analyst.post("/v1/cases/next", json={})).json() == {"case": case}
    assert (await analyst.post(f"/v1/cases/{case}/reveal", json={})).json()["holder"]["mine"] is True
    is_problem(await supervisor.post(f"/v1/cases/{case}/take", json={}), 409, "held")
    assert (await supervisor.post(f"/v1/cases/{case}/take", json={"over": True})).status_code == 204
    assert (await supervisor.get("/v1/cases/desk", params={"mine": True})).json()["total"] == 1
    assert (await supervisor.post(f"/v1/cases/{case}/pass-on", json={})).status_code == 204
    assert (await supervisor.get("/v1/cases/desk", params={"mine": True})).json()["total"] == 0


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("send", {}),
        ("refer", {"country": "NL"}),
        ("handed-over", {"partner": "hotline-nl", "reference": "7"}),
        ("assess", {"assessment": "baseline"}),
        ("ask", {}),
        ("retrace", {}),
        ("origin", {"ip": "3.120.0.1"}),
        ("target", {"location": "https://pages.test/"}),
        ("look", {"finding": "gone"}),
        ("close", {"outcome": "not_illegal"}),
    ],
)
async def test_acts_need_a_reason_and_a_case(
    analyst: httpx2.AsyncClient, is_problem: Any, case: str, unknown: str, act: str, body: dict[str, Any]
) -> None:
    without = is_problem(await analyst.post(f"/v1/cases/{case}/{act}", json=body), 422, "invalid_field")
    assert [one["field"] for one in without["errors"]] == ["/reason"]
    is_problem(await analyst.post(f"/v1/cases/{unknown}/{act}", json={**body, "reason": "x"}), 404, "not_found")


async def test_a_case_is_closed_with_its_outcome(served: Any, analyst: httpx2.AsyncClient, case: str) -> None:
    given = {"reason": "looked at it", "outcome": "not_illegal"}
    assert (await analyst.post(f"/v1/cases/{case}/close", json=given)).status_code == 204
    row = await state_of(served, case)
    assert (row["state"], row["outcome"]) == ("closed", "not_illegal")


async def test_who_has_not_seen_it_says_of_it_neither_illegal_nor_not(
    served: Any, is_problem: Any, case: str, analyst: httpx2.AsyncClient
) -> None:
    """By name: that somebody else revealed it helps nobody."""
    token = await token_for(served.ctx, Role.ANALYST, "bert")
    async with served.client(token) as bert:
        for act, body in (
            ("not-illegal", {}),
            ("close", {"outcome": "not_illegal"}),
            ("assess", {"assessment": "national"}),
            ("send", {"assessment": "baseline"}),
            ("refer", {"assessment": "baseline", "partner": "hotline-nl"}),
        ):
            answer = await bert.post(f"/v1/cases/{case}/{act}", json={"reason": "x", **body})
            is_problem(answer, 409, "not_seen")
        assert (await bert.get(f"/v1/cases/{case}")).json()["seen"] is False
        is_problem(
            await bert.post(f"/v1/cases/{case}/close", json={"reason": "x", "outcome": "spam"}), 403, "case:spam"
        )
        revealed = (await bert.post(f"/v1/cases/{case}/reveal", json={"reason": "to look"})).json()
        assert (revealed["seen"], "not-illegal" in revealed["acts"]) == (True, True)
        assert (await bert.post(f"/v1/cases/{case}/not-illegal", json={})).status_code == 204
    row = await state_of(served, case)
    assert (row["state"], row["outcome"]) == ("closed", "not_illegal")


async def test_an_act_on_what_moved_on_is_refused(
    served: Any, analyst: httpx2.AsyncClient, is_problem: Any, case: str
) -> None:
    row = await state_of(served, case)
    given = {"reason": "x", "outcome": "not_illegal", "version": row["version"] + 1}
    is_problem(await analyst.post(f"/v1/cases/{case}/close", json=given), 409, "conflict")
    assert (await state_of(served, case))["state"] != "closed"


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("close", {"outcome": "forgotten"}, "/outcome"),
        ("look", {"finding": "maybe"}, "/finding"),
        ("refer", {"country": "XX"}, "/country"),
        ("retrace", {"version": "1"}, "/version"),
        ("send", {"assessment": "surely"}, "/assessment"),
        ("refer", {"partner": "hotline-nl", "assessment": "surely"}, "/assessment"),
        ("assess", {}, "/assessment"),
        ("retrace", {"reason": ""}, "/reason"),
        ("retrace", {"reason": "a\u0000b"}, "/reason"),
        ("retrace", {"reason": "x" * 301}, "/reason"),
    ],
)
async def test_what_an_act_cannot_say(
    analyst: httpx2.AsyncClient, is_problem: Any, case: str, act: str, body: dict[str, Any], field: str
) -> None:
    answer = await analyst.post(f"/v1/cases/{case}/{act}", json={"reason": "x", **body})
    assert [one["field"] for one in is_problem(answer, 422, "invalid_field")["errors"]] == [field]


async def test_a_case_without_a_referral_is_assessed_referred_and_asked_for(
    served: Any, analyst: httpx2.AsyncClient, is_problem: Any, case: str
) -> None:
    """All that a script needs to overrule a case that went nowhere."""
    given = {"reason": "seen", "assessment": "national"}
    assert (await analyst.post(f"/v1/cases/{case}/assess", json=given)).status_code == 204
    assert (await state_of(served, case))["assessment"] == "national"
    while await Worker(served.ctx).turn():
        pass
    given = {"reason": "surely Dutch", "partner": "hotline-nl", "assessment": "baseline"}
    sent = (await analyst.post(f"/v1/cases/{case}/refer", json=given)).json()
    assert sent["partner"] == "hotline-nl"
    assert (await state_of(served, case))["assessment"] == "baseline"
    is_problem(await analyst.post(f"/v1/cases/{case}/refer", json=given), 422, "bad_input")
    assert (await analyst.post(f"/v1/cases/{case}/ask", json={"reason": "or Canada"})).status_code == 204
    (entry,) = (await analyst.get("/v1/cases/desk")).json()["items"]
    assert (entry["case"], entry["code"]) == (case, "asked")
    is_problem(await analyst.post(f"/v1/cases/{case}/ask", json={"reason": "again"}), 409, "not_now")
    acts = [one["act"] for one in (await analyst.get(f"/v1/cases/{case}")).json()["timeline"]]
    assert {"case.assessed", "case.referred", "case.asked"} <= set(acts)


async def test_who_may_not_assess_says_it_in_no_act(served: Any, is_problem: Any, case: str) -> None:
    account = await tokens.add_account(served.ctx, "carl", Role.ANALYST, ROUTER)
    given = TokenGiven(name="narrow", account="carl", scopes=("desk:act",))
    token = (await tokens.create_token(served.ctx, given, account.actor)).token
    to = {"partner": "hotline-nl"}
    async with served.client(token) as narrow:
        for act, more in (("send", {}), ("refer", to), ("assess", {})):
            body = {"reason": "x", "assessment": "baseline", **more}
            is_problem(await narrow.post(f"/v1/cases/{case}/{act}", json=body), 403, "report:assess")
    assert (await state_of(served, case))["assessment"] == "unassessed"


async def test_the_origin_must_be_a_public_address(analyst: httpx2.AsyncClient, is_problem: Any, case: str) -> None:
    for ip in ("10.0.0.1", "nonsense"):
        answer = await analyst.post(f"/v1/cases/{case}/origin", json={"reason": "x", "ip": ip})
        assert is_problem(answer, 422, "bad_input")["errors"][0]["field"] == "/ip"


async def test_where_a_short_link_leads_is_a_linked_case(
    served: Any, analyst: httpx2.AsyncClient, is_problem: Any, case: str
) -> None:
    unresolved = Verdict(kind=VerdictKind.UNRESOLVED)
    given = {"reason": "followed it", "location": "https://pages.test/"}
    is_problem(await analyst.post(f"/v1/cases/{case}/target", json=given), 409, "not_now")
    served.ctx.tracer.verdict = unresolved
    await Worker(served.ctx).turn()
    answer = await analyst.post(f"/v1/cases/{case}/target", json={"reason": "x", "location": "nothing"})
    assert is_problem(answer, 422, "bad_input")["errors"][0]["field"] == "/location"
    linked = (await analyst.post(f"/v1/cases/{case}/target", json=given)).json()
    here, there = [(await analyst.get(f"/v1/cases/{one}")).json() for one in (case, linked["case"])]
    assert (here["leads_to"], here["summary"]["outcome"]) == (linked["case"], "moved")
    assert [one["through"] for one in there["items"]] == [case]


async def test_ids_that_are_none(analyst: httpx2.AsyncClient, is_problem: Any, unknown: str) -> None:
    is_problem(await analyst.get("/v1/cases/x"), 422, "invalid_field")
    is_problem(await analyst.get(f"/v1/cases/{unknown}"), 404, "not_found")


#: What a source may call a report, and no address may hold.
NAMING = (
    "https://gallery.test/x",
    "hxxps[:]//gallery[.]test/x",
    "gallery.test",
    "www.gallery.test/a",
    "192.0.2.7",
    "a@b.test",
    "2001:db8::7",
)


@pytest.mark.parametrize("number", NAMING)
@pytest.mark.parametrize("path", ["/v1/cases", "/v1/referrals", "/v1/reports/"])
async def test_a_reference_that_names_a_location_stands_in_no_url(
    analyst: httpx2.AsyncClient, is_problem: Any, path: str, number: str
) -> None:
    await analyst.post("/v1/reports", json=report(number, LOCATION))
    if path.endswith("/"):
        answer = await analyst.get(path + quote(number, safe=""))
    else:
        answer = await analyst.get(path, params={"number": number})
    body = is_problem(answer, 422, "location_in_url")
    assert body["errors"][0]["field"] == "/number"
    assert "our own number" in body["detail"]
    assert "gallery" not in answer.text


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/referrals"])
@pytest.mark.parametrize("typed", ["BR.12.L1.004567/2026", "the reply code"])
async def test_the_police_s_number_and_the_reply_code_find_it(
    analyst: httpx2.AsyncClient, served: Any, case: str, path: str, typed: str
) -> None:
    await Worker(served.ctx).turn()
    await Worker(served.ctx).turn()
    await analyst.post(f"/v1/cases/{case}/refer", json=REFERRED)
    handed_over = {"by_people": 1, "receipt": "BR.12.L1.004567/2026"}
    (row,) = await served.ctx.store.rows(select(referrals))
    change = Change(referrals, {"id": row["id"]}, handed_over, row["version"])
    await served.ctx.store.commit(Transition(served.ctx.now(), (change,)))
    number = code_of(row["id"]) if typed == "the reply code" else typed
    (found,) = (await analyst.get(path, params={"number": number})).json()["items"]
    assert case in (found["id"], found.get("case"))


@pytest.mark.parametrize("number", ["r/1 a", "NL-2026.11", "2026-11-30/7", "Ref #12:34", "1234-5678-9", "0.7"])
async def test_any_other_reference_is_asked_for_as_it_is(analyst: httpx2.AsyncClient, number: str) -> None:
    await analyst.post("/v1/reports", json=report(number, LOCATION))
    assert len((await analyst.get("/v1/cases", params={"number": number})).json()["items"]) == 1
