import io
import json
from pathlib import Path
from typing import Any

import pytest

from router.cli import policy as verbs
from router.data.policies import BELGIAN_PROTOCOL
from router.errors import BadInput, NotFound, PolicyInvalid
from router.hosting.verdict.threshold import costs
from router.policy.load import load
from schemas.facts import Facts
from schemas.vocabulary import Assessment
from tests.governed import DIRECTORY, SMALL, StoreOffice, decided, governed, written

PROTOCOL = str(BELGIAN_PROTOCOL)
#: How many routes and tests of its own it carries.
ROUTES = BELGIAN_PROTOCOL.read_text(encoding="utf-8").count("\n[[route]]")
TESTS = BELGIAN_PROTOCOL.read_text(encoding="utf-8").count("tests]]")
TO_NL = ["hosting_country=NL", "confidence=0.98", "inhope=true", "has_hotline=true", "assessment=baseline"]
IN_NL = Facts(assessment=Assessment.BASELINE, hosting_country="NL", has_hotline=True)
BROKEN = SMALL.replace("has_hotline = true }\nto", "has_hotlin = true }\nto")
FAILING = SMALL.replace('expect = ["hotline-nl"]', 'expect = ["desk"]')
POLICE_ONLY = SMALL.replace('to = ["hotline:hosting_country"]', 'to = ["police"]').replace("hotline-nl", "police")


def file(folder: Path, text: str) -> str:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def data(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one line of JSON that was printed."""
    (line,) = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_a_good_policy_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_check(PROTOCOL, as_json=False) == 0
    said = capsys.readouterr().out
    assert f"{ROUTES} routes, {TESTS} tests, 0 countries barred: good." in said
    assert verbs.run_check(PROTOCOL, as_json=True) == 0
    found = data(capsys)
    wrong = found.pop("wrong_of_1000")
    unseen = {name: found.pop(name) for name in ("unseen_after", "unseen_then", "unseen_to")}
    assert unseen == {"unseen_after": 3600, "unseen_then": "ring-on", "unseen_to": None}
    assert "nobody answers rings on, and nothing leaves by itself" in said
    assert found == {
        "ok": True,
        "problems": [],
        "routes": ROUTES,
        "tests": TESTS,
        "barred": 0,
        "sure_from": 0.9,
        "notes": [],
    }
    assert wrong == {group: cost.wrong_of_thousand for group, cost in costs(0.9).items()}
    assert all(f"{group} {count} (" in said for group, count in wrong.items())


def test_a_policy_that_hands_over_says_so_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(PROTOCOL).read_text(encoding="utf-8")
    on = 'home = "BE"\nunseen_then = "hand-to-police"\nunseen_to = "federal-police"\nunseen_after = "30m"\n'
    file = tmp_path / "own.toml"
    file.write_text(text.replace('home = "BE"\n', on, 1), encoding="utf-8")
    assert verbs.run_check(str(file), as_json=False) == 0
    assert "nobody answers for 30 min goes to federal-police too, marked as not assessed" in capsys.readouterr().out
    assert verbs.run_explain(str(file), ["urgency=live"], as_json=False) == 0
    assert "if nobody answers the alarm within 30 min: to federal-police" in capsys.readouterr().out


def test_the_guide_and_the_readme_say_what_was_measured() -> None:
    root = Path(__file__).resolve().parents[2]
    readme, guide = ((root / name).read_text(encoding="utf-8") for name in ("README.md", "docs/policy.md"))
    found = {group: cost.wrong_of_thousand for group, cost in costs(0.9).items()}
    for words in (
        f"{found['clouds']} of clouds", f"{found['middle hosters']} of middle hosters",
        f"{found['small hosters']} of small ones", f"{found['relays']} of relays",
        f"{found['single servers']} of single servers",
    ):  # fmt: skip
        assert words in readme
    hard = [cost for group, cost in costs(0.98).items() if group not in ("clouds", "virtual relays")]
    assert "0.98 leaves 0 to 6 of" in guide
    assert max(cost.wrong_of_thousand for cost in hard) <= 6


def test_a_bad_policy_is_answered_no_with_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, partners = file(tmp_path, BROKEN), written(tmp_path, DIRECTORY)
    assert verbs.run_check(path, as_json=False, directory=partners) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "line 7, route abroad: when.has_hotlin: unknown key; did you mean has_hotline?" in said.err
    assert verbs.run_check(path, as_json=True, directory=partners) == 1
    (problem,) = data(capsys)["problems"]
    assert (problem["line"], problem["place"]) == (7, "route abroad: when.has_hotlin")


def test_names_are_judged_by_the_shipped_directory_unless_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, SMALL)
    assert verbs.run_check(path, as_json=False) == 1
    assert "the directory has no partner named police" in capsys.readouterr().err
    assert verbs.run_check(path, as_json=False, directory=written(tmp_path, DIRECTORY)) == 0


def test_a_policy_s_own_tests_are_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_test(PROTOCOL, as_json=False) == 0
    assert capsys.readouterr().out == f"{TESTS} of {TESTS} tests pass.\n"
    path, partners = file(tmp_path, FAILING), written(tmp_path, DIRECTORY)
    assert verbs.run_test(path, as_json=False, directory=partners) == 1
    assert capsys.readouterr().out.splitlines() == [
        "test 1 (expects desk): wants desk, got hotline-nl",
        "    yes abroad: has_hotline is yes",
        "0 of 1 test passes.",
    ]


def test_a_failing_test_is_told_as_data_with_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_test(file(tmp_path, FAILING), as_json=True, directory=written(tmp_path, DIRECTORY)) == 1
    answer = data(capsys)
    assert (answer["ok"], answer["tests"]) == (False, 1)
    (failed,) = answer["failed"]
    assert (failed["test"], failed["wanted"], failed["got"]) == (1, "desk", "hotline-nl")
    assert failed["path"] == [{"route": "abroad", "matched": True, "because": "has_hotline is yes"}]


def test_what_is_no_policy_fails_its_tests_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_test(file(tmp_path, BROKEN), as_json=True, directory=written(tmp_path, DIRECTORY)) == 1
    assert data(capsys)["ok"] is False


def test_a_policy_explains_what_it_would_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_explain(PROTOCOL, TO_NL, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "no  child-at-risk            urgency is none, not imminent_risk or live"
    assert lines[-3].startswith("yes hotline-abroad ")
    assert lines[-2:] == ["to offlimits-nl, by route hotline-abroad", "assigned to NL"]


def test_an_explanation_as_data_is_the_decision(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.run_explain(PROTOCOL, TO_NL, as_json=True) == 0
    answer = data(capsys)
    assert [(one["partner"], one["route"], one["copy"]) for one in answer["recipients"]] == [
        ("offlimits-nl", "hotline-abroad", False)
    ]
    assert answer["path"][-1] == {
        "route": "hotline-abroad",
        "matched": True,
        "because": "inhope is yes, has_hotline is yes",
    }


def test_facts_that_cannot_be_read_are_wrong_use() -> None:
    with pytest.raises(BadInput, match="did you mean `hosting_country`"):
        verbs.run_explain(PROTOCOL, ["hosting_contry=NL"], as_json=False)


def test_what_is_no_policy_explains_nothing(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid):
        verbs.run_explain(file(tmp_path, BROKEN), [], as_json=False)


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="check its name"):
        verbs.run_check(str(tmp_path / "none.toml"), as_json=False)
    with pytest.raises(BadInput, match="cannot be read"):
        verbs.run_check(str(tmp_path), as_json=False)
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    with pytest.raises(BadInput, match="not UTF-8 text"):
        verbs.run_check(str(tmp_path / "picture"), as_json=False)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(BELGIAN_PROTOCOL.read_text(encoding="utf-8")))
    assert verbs.run_test("-", as_json=False) == 0
    assert f"{TESTS} of {TESTS}" in capsys.readouterr().out


async def test_the_policy_in_force_explains_by_the_directory_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = DIRECTORY.partners[0].model_copy(update={"enabled": False, "disabled_reason": "on holiday"})
    directory = DIRECTORY.model_copy(update={"partners": (closed, DIRECTORY.partners[1])})
    async with governed(tmp_path, directory=directory) as ctx:
        assert await verbs.run_explain_published(StoreOffice(ctx), TO_NL, as_json=True) == 0
    answer = data(capsys)
    assert (answer["policy_version"], answer["recipients"]) == (1, [])
    assert [one["code"] for one in answer["refused"]] == ["disabled"]


async def test_a_case_explains_itself_as_it_was_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with governed(tmp_path) as ctx:
        await decided(ctx, "case-1", IN_NL, load(SMALL))
        assert await verbs.run_explain_case(StoreOffice(ctx), "case-1", as_json=False) == 0
        with pytest.raises(NotFound):
            await verbs.run_explain_case(StoreOffice(ctx), "case-2", as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "yes abroad  has_hotline is yes",
        "to hotline-nl, by route abroad",
        "assigned to NL",
    ]


async def test_a_diff_shows_what_would_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, POLICE_ONLY)
    async with governed(tmp_path) as ctx:
        await decided(ctx, "case-1", IN_NL, load(SMALL))
        assert await verbs.run_diff(StoreOffice(ctx), path, limit=10, as_json=False) == 0
        assert capsys.readouterr().out.splitlines() == [
            "case-1 [elsewhere]: hotline-nl (abroad) -> police (abroad)",
            "elsewhere: 1",
            "1 of at most 10 decisions would change.",
        ]
        assert await verbs.run_diff(StoreOffice(ctx), path, limit=10, as_json=True) == 0
    (changed,) = data(capsys)["changed"]
    assert (changed["case"], changed["before"], changed["after"]) == ("case-1", ["hotline-nl"], ["police"])


async def test_publishing_says_the_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with governed(tmp_path) as ctx:
        assert await verbs.run_publish(StoreOffice(ctx), file(tmp_path, POLICE_ONLY), as_json=True) == 0
        assert data(capsys) == {"version": 2, "proposed": []}
        assert await verbs.run_publish(StoreOffice(ctx), file(tmp_path, SMALL), as_json=False) == 0
        assert "Policy version 3 is in force" in capsys.readouterr().out


async def test_a_policy_that_fails_its_tests_is_not_published(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        with pytest.raises(PolicyInvalid) as caught:
            await verbs.run_publish(StoreOffice(ctx), file(tmp_path, FAILING), as_json=False)
        assert caught.value.exit_code == 3
        assert (await ctx.governance.policy())[0] == 1
