"""A policy judged in a process of its own: `python -c ...` of `START`, fed on standard input, answering on its output.

A text of somebody's own can take minutes to judge, whatever is counted before: two thousand tests over two hundred
routes over ten thousand decisions. So the router's own loop never runs it. This process takes its limits before it
reads a byte, holds no key and no connection, and is killed by whoever started it when it takes too long.

In:  one line {"policy", "directory", "prove", "now"}, then {"case", "facts", "decision", "host"} for each decision.
     "prove" is "refuse" where a test that fails refuses the policy, "tell" where it is told, null where none is run.
Out: a line {"tested": {...}} where it is told, {"changed": [...]} for each decision that would change, then {"home"};
     or {"invalid": {...}} alone.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final

from pydantic import ValidationError

from router.errors import PolicyInvalid
from router.policy.check import check_periods, counted_tests, failed_tests, prove
from router.policy.diff import Stored, diff
from router.policy.hub import notes
from router.policy.load import load
from router.policy.translations import untranslated
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.playground import MOST_FAILED, Tested
from schemas.policy import Policy

#: What a test that fails does.
REFUSE: Final = "refuse"
TELL: Final = "tell"
#: Seconds of CPU, bytes of address space, and no file to write: no policy needs a tenth of it.
CPU_SECONDS: Final = 30
ADDRESS_SPACE: Final = 1024 * 1024 * 1024
#: What Python runs: isolated from the environment and the folder it is started in; argv names where we stand.
#: Nothing is looked at for garbage while the words are loaded, which is nearly all that it does for most policies.
START: Final = (
    "import gc, sys; gc.disable(); sys.path.insert(0, sys.argv[1]); from router.policy.process import main;"
    " gc.freeze(); gc.enable(); main()"
)


def main() -> None:
    """Judge what comes on standard input, and end."""
    limit_myself()
    for said in judged(sys.stdin.buffer):
        sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def limit_myself() -> None:
    """Take the limits: what goes beyond ends this process and nothing else."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def judged(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the answers to one question, its lines in order."""
    rest = iter(lines)
    asked = json.loads(next(rest))
    directory = Directory.model_validate_json(asked["directory"])
    try:
        policy = load(asked["policy"], directory)
        if asked["prove"] == REFUSE:
            prove(policy, directory)
    except PolicyInvalid as error:
        yield {"invalid": _told(error)}
        return
    if asked["prove"] == TELL:
        yield {"tested": _tested(policy, directory).model_dump(mode="json")}
    now = datetime.fromisoformat(asked["now"])
    kept = (one for one in map(_stored, rest) if one is not None)
    for changed in diff(kept, policy, directory, now):
        yield {"changed": astuple(changed)}
    yield {"home": policy.home}


def _tested(policy: Policy, directory: Directory) -> Tested:
    failed = failed_tests(policy, directory)
    return Tested(
        tests=counted_tests(policy),
        failed=tuple(islice(failed, MOST_FAILED)),
        problems=tuple(check_periods(policy)),
        notes=tuple(islice(chain(notes(policy, directory), untranslated(policy)), MOST_FAILED)),
    )


def _stored(line: bytes) -> Stored | None:
    """Return a decision with its facts, None for one that is not what was written: it stops no comparison."""
    given = json.loads(line)
    try:
        facts, decision = Facts.model_validate_json(given["facts"]), Decision.model_validate_json(given["decision"])
    except ValidationError:
        return None
    if given.get("host"):
        facts = facts.model_copy(update={"host_index": given["host"]})
    return Stored(given["case"], facts, decision)


def _told(error: PolicyInvalid) -> dict[str, Any]:
    problems = [problem.model_dump() for problem in error.problems]
    return {"message": error.message, "field": error.field, "reason": error.reason, "problems": problems}
