import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from router.policy.diff import Stored
from router.policy.judge import judge
from router.policy.load import load
from router.policy.process import ADDRESS_SPACE, CPU_SECONDS, REFUSE, START, TELL, judged
from router.policy.recipients import resolve
from schemas.facts import Facts
from schemas.vocabulary import Assessment
from tests.governed import DIRECTORY, SMALL

ROOT = str(Path(__file__).resolve().parents[2])
NOW = datetime(2026, 11, 22, tzinfo=UTC)
IN_NL = Facts(assessment=Assessment.BASELINE, hosting_country="NL", has_hotline=True)
POLICE_ONLY = SMALL.replace('to = ["hotline:hosting_country"]', 'to = ["police"]').replace("hotline-nl", "police")


def question(policy: str, *, prove: str | None = None) -> bytes:
    asked = {"policy": policy, "directory": DIRECTORY.model_dump_json(), "prove": prove, "now": NOW.isoformat()}
    return json.dumps(asked).encode() + b"\n"


def stored(case: str, policy: str) -> bytes:
    loaded = load(policy)
    was = Stored(case, IN_NL, resolve(judge(loaded, IN_NL), IN_NL, DIRECTORY, loaded, NOW, version=1))
    row = {"case": case, "facts": IN_NL.model_dump_json(), "decision": was.decision.model_dump_json()}
    return json.dumps(row).encode() + b"\n"


def test_what_would_change_is_told_and_then_the_home() -> None:
    said = list(judged([question(POLICE_ONLY), stored("case-1", SMALL), stored("case-2", POLICE_ONLY)]))
    assert said == [
        {"changed": ("case-1", ("hotline-nl",), ("police",), "abroad", "abroad", "elsewhere")},
        {"home": "BE"},
    ]


def test_what_is_no_policy_is_told_with_its_problems() -> None:
    (said,) = judged([question("version = 1")])
    assert said["invalid"]["message"].startswith("The policy has 3 errors")
    assert len(said["invalid"]["problems"]) == 3


def test_a_policy_is_proved_only_when_that_is_asked() -> None:
    failing = SMALL.replace('expect = ["hotline-nl"]', 'expect = ["police"]')
    assert list(judged([question(failing)])) == [{"home": "BE"}]
    (said,) = judged([question(failing, prove=REFUSE)])
    assert said["invalid"]["reason"] == "tests_fail"


def test_a_text_that_is_tried_tells_its_tests_and_is_judged_all_the_same() -> None:
    failing = POLICE_ONLY.replace('expect = ["police"]', 'expect = ["hotline-nl"]').partition("[retention]")[0]
    tested, changed, home = judged([question(failing, prove=TELL), stored("case-1", SMALL)])
    (failed,) = tested["tested"]["failed"]
    assert (failed["wanted"], failed["got"], failed["path"][0]["route"]) == ("hotline-nl", "police", "abroad")
    assert [one["place"] for one in tested["tested"]["problems"]] == ["retention"]
    assert tested["tested"]["tests"] == 1
    assert (changed["changed"][0], home) == ("case-1", {"home": "BE"})


def run(given: bytes, **more: Any) -> subprocess.CompletedProcess[bytes]:
    # An empty environment and another folder: what is found is found by the path that is passed.
    command = [sys.executable, "-I", "-c", START, ROOT]
    return subprocess.run(command, input=given, capture_output=True, env={}, cwd="/", check=False, **more)


def test_it_runs_by_itself() -> None:
    ended = run(question(SMALL))
    assert (ended.returncode, ended.stderr, json.loads(ended.stdout)) == (0, b"", {"home": "BE"})


def limits_of(pid: int) -> dict[str, int]:
    """The soft limits of a process that are numbers, by their names in Linux."""
    rows = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8").splitlines()[1:]
    found = {row[4:26].strip(): row[26:47].strip() for row in rows}
    return {name: int(soft) for name, soft in found.items() if soft.isdigit()}


def test_it_takes_its_limits_before_it_reads_anything() -> None:
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", START, ROOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}
    )
    try:
        wanted = {"cpu time": CPU_SECONDS, "file size": 0, "core file size": 0, "address space": ADDRESS_SPACE}
        while not limits_of(child.pid).items() >= wanted.items():
            assert child.poll() is None  # it waits for its question meanwhile
            os.sched_yield()
    finally:
        child.kill()
        child.communicate()
