from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.cli.cases import _file, _links, _referral
from router.cli.client.api import open_client
from router.cli.output import finish
from tests.office import line

UNKNOWN = "01999999-0000-7000-8000-000000000000"


@pytest.fixture
def submitted(run: Callable[..., Any], data: str) -> list[str]:
    """Three cases, newest first."""
    body = b"".join(line(f"r-{n}", f"https://3.120.0.{n + 1}/secret") for n in range(3))
    assert run("submit", "-", "--data", data, stdin=body).code == 0
    return [one["id"] for one in run("cases", "list", "--json", "--data", data).json["items"]]


AT = "2026-11-22T08:00:00Z"


def test_cases_are_listed_masked(run: Callable[..., Any], data: str, submitted: list[str]) -> None:
    done = run("cases", "list", "--data", data)
    assert done.code == 0
    assert [row.split()[0] for row in done.out.splitlines()] == ["case", *submitted]
    assert "hxxps://3[.]120[.]•••/…" in done.out
    assert "secret" not in done.out
    assert "3.120.0" not in done.out


def test_lists_go_on_over_pages(
    run: Callable[..., Any], data: str, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from router.cli import cases

    async def by_one() -> list[dict[str, Any]]:
        async with open_client(Path(data)) as client:

            class Narrow:
                async def get(self, *parts: str, **query: Any) -> Any:
                    return await client.get(*parts, **{**query, "limit": 1})

            return (await cases.pages(Narrow(), ("cases",), 3, None))["items"]

    assert [one["id"] for one in finish(by_one())] == submitted


@pytest.mark.parametrize(("state", "count"), [("received", 3), ("closed", 0)])
def test_one_state_only(run: Callable[..., Any], data: str, submitted: list[str], state: str, count: int) -> None:
    assert len(run("cases", "list", "--state", state, "--json", "--data", data).json["items"]) == count


def test_fewer_if_asked_and_never_without_a_word(run: Callable[..., Any], data: str, submitted: list[str]) -> None:
    found = run("cases", "list", "--limit", "2", "--json", "--data", data).json
    assert [one["id"] for one in found["items"]] == submitted[:2]
    assert (found["total"], found["more"], found["next"]) == (3, False, submitted[1])
    said = run("cases", "list", "--limit", "2", "--data", data).out.splitlines()[-1]
    assert said == f"2 of 3; --cursor {submitted[1]} shows what follows."
    rest = run("cases", "list", "--cursor", submitted[1], "--json", "--data", data).json
    assert ([one["id"] for one in rest["items"]], rest["total"], rest["next"]) == (submitted[2:], 3, None)


def test_narrowed_by_what_it_is(run: Callable[..., Any], data: str, submitted: list[str]) -> None:
    for words, count in ((("--source", "nobody"), 0), (("--at-risk",), 0), (("--country", "NL"), 0), ((), 3)):
        found = run("cases", "list", *words, "--json", "--data", data).json
        assert (len(found["items"]), found["total"]) == (count, count)
    assert run("cases", "list", "--country", "nl", "--data", data).code == 2


def test_a_state_that_does_not_exist(run: Callable[..., Any], data: str) -> None:
    done = run("cases", "list", "--state", "lost", "--data", data)
    assert done.code == 2
    assert done.err.startswith("state: ")


def test_no_cases_is_an_answer(run: Callable[..., Any], data: str) -> None:
    done = run("cases", "list", "--data", data)
    assert (done.code, done.out) == (0, "None.\n")


def test_one_case_whole_and_masked(
    run: Callable[..., Any], data: str, submitted: list[str], worked: Callable[[str], None]
) -> None:
    worked(data)
    done = run("cases", "show", submitted[0], "--data", data)
    assert done.code == 0
    assert done.out.startswith(f"case {submitted[0]}: desk, hxxps://3[.]120[.]•••/…\n")
    assert "on the desk: " in done.out
    assert "case.opened" in done.out
    assert ") by form at 2026-11-22T07:59:00Z: unassessed\n" in done.out
    assert "secret" not in done.out
    assert run("cases", "show", submitted[0], "--json", "--data", data).json["revealed"] is False


def test_explain_prints_the_path_that_decided(
    run: Callable[..., Any], data: str, submitted: list[str], worked: Callable[[str], None]
) -> None:
    worked(data)
    done = run("cases", "explain", submitted[0], "--data", data)
    assert done.code == 0
    assert "not-assessed" in done.out
    path = run("cases", "explain", submitted[0], "--json", "--data", data).json["path"]
    assert any(step["route"] == "not-assessed" and step["matched"] for step in path)


@pytest.mark.parametrize("verb", ["show", "explain"])
def test_a_case_that_is_not_there(run: Callable[..., Any], data: str, verb: str) -> None:
    done = run("cases", verb, UNKNOWN, "--data", data)
    assert done.code == 2
    assert done.err.count("\n") == 1


def test_a_referral_of_several_steps_says_how_far_it_is() -> None:
    done = {"step": "made", "text": "The report is made; it is filed next.", "since": "2026-11-22T09:00:00Z"}
    one = {"id": "r-1", "partner": "iccam", "state": "waiting", "attempts": [], "progress": done}
    assert _referral(one) == [
        "referral r-1 to iccam: waiting",
        "  2026-11-22T09:00:00Z  The report is made; it is filed next.",
    ]


def test_which_cases_belong_to_it_and_who_has_it_is_shown() -> None:
    linked = {"relation": "led_here", "case": "c-1"}
    since = {"since": "2026-11-22T08:00:00Z"}
    ours, theirs = (
        {"who": "us", **since, "until": "2026-11-23T08:00:00Z"},
        {"who": "police", "partner": "unit", **since},
    )
    assert _links({"linked": [linked], "turns": [ours, theirs]}) == [
        "led here: case c-1",
        "with us from 2026-11-22T08:00:00Z to 2026-11-23T08:00:00Z",
        "with police (unit) from 2026-11-22T08:00:00Z until now",
    ]


def test_where_a_link_says_it_leads_is_shown_as_masked_as_it_came() -> None:
    verdict = {"reasons": [], "leads_to": "hxxps://p•••[.]test/…"}
    file = {"summary": {"id": "c", "state": "desk"}, "location": "x", "referrals": [], "timeline": []}
    assert "  leads to: hxxps://p•••[.]test/…" in _file(file | {"trace": {"addresses": [], "verdict": verdict}})


def test_the_timeline_says_of_each_route_why() -> None:
    decided = {"at": AT, "actor": "router", "act": "case.decided", "text": "routes: a, b, c, d"}
    dutch = {"reason": "zij zitten daar", "language": "nl"}
    why = [
        {"route": "a", "reason": "they are there", "language": "en", "translations": {}, "because": "x is y"},
        {"route": "b", **dutch, "translations": {"en": "they sit there"}},
        {"route": "c", **dutch, "translations": {"fr": "ils y sont"}},
        {"route": "d", "translations": {}, "because": "hosting_country is NL"},
        {"route": "e", "translations": {}},
    ]
    file = {"summary": {"id": "c", "state": "desk"}, "location": "x", "referrals": []}
    assert _file(file | {"timeline": [decided | {"why": why}]})[1:] == [
        f"{AT}  router  case.decided  routes: a, b, c, d",
        "  a: they are there",
        "  b: they sit there",
        "  c: zij zitten daar",
        "  d: hosting_country is NL",
    ]


def test_evidence_and_attempts_in_words() -> None:
    claim = {"source": "geolocation", "claim": {"basis": "location", "country": "NL"}}
    edge = {"source": "cdn", "claim": {"basis": "edge", "country": None}}
    address = {"ip": "3.120.0.1", "country": "NL", "confidence": 0.98, "evidence": [claim, edge]}
    tried = {"ended_at": "2026-11-22T09:00:00Z", "outcome": "deferred", "text": "It was busy."}
    referral = {"id": "r", "partner": "hotline-nl", "state": "accepted", "receipt": "NL-7", "attempts": [tried]}
    verdict = {"reasons": [{"code": "c", "text": "Both agree."}]}
    file = {
        "summary": {"id": "c", "state": "referred", "hosting_country": "NL"},
        "location": "hxxps://ga•••[.]test/…",
        "items": [
            {
                "dossier": "9M1061058",
                "reference": "p-1",
                "told": [{"hotline": "hotline-nl", "dossier": "NL-7", "reference": None}],
                "source": "police",
                "received_at": AT,
                "assessment": "baseline",
                "assessed_by": "inspector",
                "assessed_at": AT,
            },
        ],
        "trace": {"addresses": [address], "verdict": verdict},
        "referrals": [referral],
        "timeline": [],
    }
    assert _file(file) == [
        "case c: referred, hxxps://ga•••[.]test/…",
        "hosted in: NL",
        f"report 9M1061058 (p-1, hotline-nl NL-7) by police at {AT}: baseline by inspector at {AT}",
        "  3.120.0.1 NL (0.980): geolocation says NL, cdn says edge",
        "  reason: Both agree.",
        "referral r to hotline-nl: accepted, receipt NL-7",
        "  2026-11-22T09:00:00Z  deferred: It was busy.",
    ]
    hold = {"partner": "federal-police", "until": "2026-12-24T00:00:00Z"}
    probe = {"at": "2026-12-01T00:00:00Z", "finding": "no_http", "status": None, "referrer": "sent"}
    probes = [probe, probe | {"finding": None}, probe | {"finding": "answered", "status": 404, "referrer": "withheld"}]
    asked = [one for one in _file(file | {"probes": probes}) if one.startswith("its host")]
    assert [one.partition("Z: ")[2] for one in asked] == [
        "no http; referrer sent",
        "cut, and may have arrived; referrer sent",
        "answered 404; referrer withheld",
    ]
    assert "federal-police asked that nobody be told before 2026-12-24T00:00:00Z" in _file(file | {"police_hold": hold})
    file["referrals"] = [referral | {"receipt": None}, referral | {"receipt": None, "state": "waiting"}]
    said = [line for line in _file(file) if line.startswith("referral")]
    assert said == [
        "referral r to hotline-nl: accepted, no receipt was given",
        "referral r to hotline-nl: waiting",
    ]
