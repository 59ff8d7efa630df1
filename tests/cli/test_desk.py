from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from router.data.directory import shipped_directory
from schemas.vocabulary import Assessment
from tests.office import line

pytestmark = pytest.mark.usefixtures("in_person")
READY = ("federal-police", "eco-de")
UNKNOWN = "01999999-0000-7000-8000-000000000000"


@pytest.fixture
def case(run: Callable[..., Any], data: str, worked: Callable[[str], None]) -> str:
    """A case on the desk, because nobody has assessed it."""
    body = line("r-1", "https://3.120.0.1/secret")
    assert run("submit", "-", "--data", data, stdin=body).code == 0
    worked(data)
    (found,) = run("cases", "desk", "--json", "--data", data).json["items"]
    assert found["code"] == "not_assessed"
    return str(found["case"])


@pytest.fixture
def partners(run: Callable[..., Any], data: str) -> None:
    """The shipped directory, with a police and a checked hotline that may receive."""
    ready = {
        "enabled": True,
        "disabled_reason": None,
        "checked_on": date(2026, 11, 1),
        "accepts": (Assessment.BASELINE, Assessment.NATIONAL),
        "dialect": "webhook",
        "config": {"url": "https://partner.example/hook", "secrets": ["partner"]},
    }
    found = shipped_directory()
    mine = [one.model_copy(update=ready) if one.name in READY else one for one in found.partners]
    body = found.model_copy(update={"partners": tuple(mine)}).model_dump_json(exclude_defaults=True)
    done = run("partners", "import", "-", "--token", "", "--data", data, stdin=body.encode())
    assert done.code == 0, done.err


def test_the_desk_is_listed_with_why_and_masked(run: Callable[..., Any], data: str, case: str) -> None:
    done = run("cases", "desk", "--data", data)
    head, row = done.out.splitlines()
    assert head.split()[:4] == ["case", "numbers", "urgency", "since"]
    assert row.startswith(case)
    assert "not_assessed" in row
    assert "secret" not in done.out
    assert run("cases", "desk", "--order", "luck", "--data", data).code == 2


def test_a_site_is_listed_and_acted_on_by_who_counts_it(run: Callable[..., Any], data: str, case: str) -> None:
    tag = run("cases", "list", "--json", "--data", data).json["items"][0]["site"]["tag"]
    assert run("cases", "desk", "--site", tag, "--json", "--data", data).json["total"] == 1
    listed = run("cases", "site", tag, "close", "--data", data)
    assert (listed.code, "can be done to 1" in listed.out) == (0, True)
    said = ("cases", "site", tag, "close", "--outcome", "removed", "--reason", "gone", "--data", data)
    assert run(*said, "--count", "2").code == 2
    done = run(*said, "--count", "1", "--json")
    assert (done.code, done.json["items"]) == (0, [{"case": case, "code": None, "done": True, "text": None}])
    assert run("cases", "site", tag, "--data", data).code == 2, "there is no open case any more"


def test_what_was_listed_is_done_as_it_was_listed(
    run: Callable[..., Any], data: str, case: str, tmp_path: Path
) -> None:
    listed = run("cases", "several", "close", "--why", "not_assessed", "--data", data)
    assert (listed.code, "can be done to 1" in listed.out) == (0, True)
    assert run("cases", "several", "--why", "refused", "--json", "--data", data).json["items"] == []
    file = tmp_path / "listed.json"
    file.write_text(run("cases", "several", "close", "--json", "--data", data).out)
    said = ("cases", "several", "close", "--outcome", "removed", "--reason", "gone", "--data", data)
    assert run(*said, "--listed", str(file), "--count", "1", "--mine").code == 2
    assert run(*said, "--listed", str(tmp_path / "none"), "--count", "1").code == 2
    done = run(*said, "--listed", str(file), "--count", "1", "--json")
    assert (done.code, done.json["items"]) == (0, [{"case": case, "code": None, "done": True, "text": None}])
    again = run(*said, "--listed", "-", "--count", "1", "--json", stdin=file.read_bytes())
    assert (again.code, again.json["items"][0]["code"]) == (1, "conflict")


def test_a_location_is_typed_and_never_an_argument(run: Callable[..., Any], data: str, case: str) -> None:
    assert run("cases", "find", "https://3.120.0.1/secret", "--data", data).code == 2
    asked = run("cases", "find", "-", "--data", data, stdin=b"https://3.120.0.1/secret\n")
    assert (asked.code, "case:reveal" in asked.err) == (3, True), "a token that was made on the machine sees none"
    assert [one["id"] for one in run("cases", "find", "r-1", "--json", "--data", data).json["items"]] == [case]


def test_the_next_item_is_asked_for_and_handed_on(run: Callable[..., Any], data: str, case: str) -> None:
    assert run("cases", "next", "--json", "--data", data).json == {"case": case}
    assert run("cases", "desk", "--mine", "--json", "--data", data).json["total"] == 1
    assert run("cases", "next", "--data", data).code == 2, "nothing is left"
    assert run("cases", "pass-on", case, "--json", "--data", data).json == {"case": case}
    assert run("cases", "desk", "--mine", "--json", "--data", data).json["total"] == 0
    assert run("cases", "take", case, "--over", "--data", data).code == 0


def test_an_empty_desk_is_an_answer(run: Callable[..., Any], data: str) -> None:
    done = run("cases", "desk", "--data", data)
    assert (done.code, done.out) == (0, "None.\n")


@pytest.mark.usefixtures("partners")
def test_a_case_is_worked_by_verbs_alone(
    run: Callable[..., Any], data: str, case: str, worked: Callable[[str], None], seen: Callable[[str], None]
) -> None:
    done = run("cases", "send", case, "--reason", "seen", "--data", data)
    assert (done.code, done.err.split(":")[0]) == (2, "assessment")
    for verb in (("assess", case, "national"), ("close", case, "not_illegal"), ("not-illegal", case)):
        done = run("cases", *verb, "--reason", "seen", "--data", data)
        assert (done.code, "reveal it first" in " ".join(done.err.split())) == (3, True), done.err
    seen(case)
    done = run("cases", "assess", case, "national", "--reason", "seen", "--data", data)
    assert (done.code, done.out) == (0, f"case {case}: received, it is being decided anew\n")
    worked(data)
    done = run("cases", "refer", case, "--partner", "federal-police", "--reason", "theirs", "--data", data)
    assert done.code == 0, done.err
    assert "to federal-police: waiting" in done.out
    told = ("--partner", "federal-police", "--reference", "PV 12", "--reason", "by telephone")
    done = run("cases", "handed-over", case, *told, "--json", "--data", data)
    assert (done.json["state"], done.json["receipt"]) == ("accepted", "PV 12")
    done = run("cases", "ask", case, "--reason", "or not", "--json", "--data", data)
    assert (done.json["case"], done.json["state"], done.json["desk"]) == (case, "desk", "asked")
    done = run("cases", "retrace", case, "--reason", "it moved", "--version", "1", "--data", data)
    assert (done.code, "Meanwhile, person:supervisor/local:root: case.asked" in done.err) == (3, True), done.err
    done = run("cases", "retrace", case, "--reason", "it moved", "--data", data)
    assert done.out == f"case {case}: received, it is being decided anew\n"
    done = run("cases", "close", case, "unavailable", "--reason", "over", "--data", data)
    assert done.out == f"case {case}: closed, unavailable\n"
    acts = [one["act"] for one in run("cases", "show", case, "--json", "--data", data).json["timeline"]]
    assert {"case.assessed", "case.referred", "case.asked", "case.retraced", "case.closed"} <= set(acts)


@pytest.mark.usefixtures("partners")
def test_one_verb_assesses_and_sends_what_the_policy_proposes(
    run: Callable[..., Any], data: str, case: str, seen: Callable[[str], None]
) -> None:
    seen(case)
    done = run("cases", "send", case, "--assessment", "baseline", "--reason", "seen", "--json", "--data", data)
    assert [(one["case"], one["partner"]) for one in done.json["items"]] == [(case, "eco-de")]
    done = run("cases", "send", case, "--reason", "again", "--data", data)
    assert (done.code, "no proposal to send" in done.err) == (3, True)


def test_a_look_at_what_is_gone_closes_the_case(run: Callable[..., Any], data: str, case: str) -> None:
    done = run("cases", "look", case, "gone", "--reason", "404 for everybody", "--data", data)
    assert done.out == f"case {case}: closed, removed\n"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("assess", "surely"), "assessment"),
        (("look", "maybe"), "finding"),
        (("close", "forgotten"), "outcome"),
        (("refer", "--country", "XX"), "country"),
    ],
)
def test_a_word_that_is_none_is_named(run: Callable[..., Any], data: str, words: tuple[str, ...], field: str) -> None:
    verb, *rest = words
    done = run("cases", verb, UNKNOWN, *rest, "--reason", "x", "--data", data)
    assert done.code == 2
    assert field in done.err
    assert done.err.count("\n") == 1


def test_what_people_found_out_is_said_by_verbs(
    run: Callable[..., Any], data: str, worked: Callable[[str], None]
) -> None:
    """A short link, which no worker can follow, and an edge, behind which no worker can see."""
    body = line("r-short", "https://bit.ly/secret") + line("r-edge", "https://104.16.1.1/secret")
    assert run("submit", "-", "--data", data, stdin=body).code == 0
    worked(data)
    listed = run("cases", "list", "--json", "--data", data).json["items"]
    by_verdict = {one["verdict"]: one["id"] for one in listed}
    short, edge = by_verdict["unresolved"], by_verdict["edge_only"]

    done = run("cases", "target", short, "-", "--reason", "followed it", "--data", data, stdin=b"https://3.120.0.9/x\n")
    assert (done.code, "3.120" in done.out) == (0, False)
    linked = done.out.split()[-1]
    assert f"leads to: case {linked}" in run("cases", "show", short, "--data", data).out
    assert f"led here: case {short}" in run("cases", "show", linked, "--data", data).out

    done = run("cases", "origin", edge, "3.120.0.1", "--reason", "the CDN told", "--data", data)
    assert (done.code, done.out.strip()) == (0, f"case {edge}: received, it is being decided anew")
    worked(data)
    assert run("cases", "show", edge, "--json", "--data", data).json["summary"]["hosting_country"] == "DE"


def test_what_cannot_be_said_is_refused_with_the_reason(run: Callable[..., Any], data: str, case: str) -> None:
    assert run("cases", "target", case, "https://x.test/", "--data", data).code == 2
    assert run("cases", "target", UNKNOWN, "https://x.test/", "--reason", "x", "--data", data).code == 2
    assert run("cases", "origin", case, "10.0.0.1", "--reason", "x", "--data", data).code == 2
