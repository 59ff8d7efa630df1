"""`policy check | test | explain | diff | publish`: ask a policy before it decides, and put it in force.

`check`, `test` and `explain` on a file need no store; they use the shipped directory unless one is named. The others
speak to the router's own store through an `Office`.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from router.casework.govern.rules.literal_hosts import check_no_location
from router.cli.output import complain, counted, say
from router.cli.proposals import told
from router.clock import SystemClock
from router.data.directory import read_directory, shipped_directory
from router.errors import BadInput, PolicyInvalid
from router.hosting.verdict.threshold import costs
from router.policy.check import Failure, as_ready, check_periods, counted_tests, run_tests
from router.policy.closing import ClosingFailure, run_closing_tests
from router.policy.decision import Rules, decide
from router.policy.diff import Changed
from router.policy.explain import as_data, explain
from router.policy.given import facts_given
from router.policy.hub import notes
from router.policy.load import load
from router.policy.translations import untranslated
from schemas.decision import Decision
from schemas.governed import Published
from schemas.partner import Directory
from schemas.policy import Policy


class Office(Protocol):
    """The router's own policy: read, compared and replaced, with the caller's identity and rights."""

    async def policy(self) -> tuple[int, Policy]:
        """Return (version, policy) in force."""
        ...

    async def directory(self) -> Directory:
        """Return the partner directory in force."""
        ...

    async def publish(self, text: str) -> Published:
        """Put a policy in force, or propose one that widens. Raise PolicyInvalid, Conflict."""
        ...

    async def replay(self, text: str, limit: int) -> list[Changed]:
        """Return what the policy would change in the last `limit` decisions. Raise PolicyInvalid."""
        ...

    async def last_decision(self, case_id: str) -> Decision:
        """Return what was last decided on a case. Raise NotFound."""
        ...


def run_check(path: str, *, as_json: bool, directory: str | None = None) -> int:
    """Print whether the file is a policy, or every error with its line; return 0 or 1. Raise BadInput."""
    try:
        text = read_text(path)
        policy = load(text, _directory(directory))
        check_no_location(text)
    except PolicyInvalid as error:
        _print_invalid(error, as_json=as_json)
        return 1
    for problem in check_periods(policy):
        invalid = PolicyInvalid(f"The policy has an error:\n  {problem}", field=problem.place, problems=[problem])
        _print_invalid(invalid, as_json=as_json)
        return 1
    counts = {"routes": len(policy.routes), "tests": counted_tests(policy), "barred": len(policy.barred)}
    found = costs(policy.sure_from)
    found_notes = [*notes(policy, _directory(directory)), *untranslated(policy)]
    unseen = {
        "unseen_after": round(policy.unseen_after.total_seconds()),
        "unseen_then": policy.unseen_then,
        "unseen_to": policy.unseen_to,
    }
    if as_json:
        wrong = {group: cost.wrong_of_thousand for group, cost in found.items()}
        _print_json(
            {
                "ok": True,
                "problems": [],
                **counts,
                **unseen,
                "sure_from": policy.sure_from,
                "wrong_of_1000": wrong,
                "notes": found_notes,
            }
        )
    else:
        barred = f"{counted(counts['barred'], 'country', 'countries')} barred"
        say(f"{path}: {counted(counts['routes'], 'route')}, {counted(counts['tests'], 'test')}, {barred}: good.")
        say(f"Countries are given without a person from {policy.sure_from:.2f} on. Of 1,000 given so, as measured on")
        say("networks that no table saw (in brackets what goes to people), wrong are:")
        say("; ".join(f"{group} {cost.wrong_of_thousand} ({cost.to_people:.0%})" for group, cost in found.items()))
        say(_unseen(policy))
        say(_closes(policy))
        for note in found_notes:
            say(f"note: {note}")
        say("Run `policy test` to see whether it decides its own tests as written.")
    return 0


def _unseen(policy: Policy) -> str:
    minutes = round(policy.unseen_after.total_seconds() / 60)
    if policy.unseen_to is None:
        return "An alarm of a child at risk that nobody answers rings on, and nothing leaves by itself."
    return (
        f"An alarm of a child at risk that nobody answers for {minutes} min goes to {policy.unseen_to} too, marked "
        "as not assessed by us: the one way on which unassessed material leaves."
    )


def _closes(policy: Policy) -> str:
    """Return on what a case closes, in a sentence."""
    rules = policy.closing
    hours = rules.gone_apart.total_seconds() / 3600
    by = ["every partner that has it has ended it"] if rules.partners else []
    if rules.host_gone:
        found = "found its host gone" + (", or were refused by all its addresses" if rules.refused else "")
        by.append(f"{counted(rules.gone_checks, 'check')}, {hours:.0f} hours apart or more, {found}")
    return f"A case closes when {', or '.join(by)}; and when a person says so." if by else "Only people close a case."


def run_test(path: str, *, as_json: bool, directory: str | None = None) -> int:
    """Print which of the policy's own tests fail, with the path that led there; return 0 or 1. Raise BadInput."""
    partners = _directory(directory)
    try:
        policy = load(read_text(path), partners)
    except PolicyInvalid as error:
        _print_invalid(error, as_json=as_json)
        return 1
    failures, ended_otherwise = run_tests(policy, partners), run_closing_tests(policy)
    if as_json:
        failed = [*map(_failure, failures), *map(asdict, ended_otherwise)]
        _print_json({"ok": not failed, "tests": counted_tests(policy), "failed": failed})
    else:
        _print_failures(failures, ended_otherwise, counted_tests(policy))
    return 1 if failures or ended_otherwise else 0


def run_explain(path: str, facts: Sequence[str], *, as_json: bool, directory: str | None = None) -> int:
    """Print what the policy of the file would do with these facts, and why; return 0.

    Partners count as enabled, because a file is asked before they are. Raise BadInput, PolicyInvalid.
    """
    partners = as_ready(_directory(directory))
    policy = load(read_text(path), partners)
    _print_decision(_decided(policy, 0, facts, partners), as_json=as_json)
    return 0


async def run_explain_published(office: Office, facts: Sequence[str], *, as_json: bool) -> int:
    """Print what the policy in force would do with these facts, by the directory as it is; return 0. Raise BadInput."""
    version, policy = await office.policy()
    _print_decision(_decided(policy, version, facts, await office.directory()), as_json=as_json)
    return 0


async def run_explain_case(office: Office, case_id: str, *, as_json: bool) -> int:
    """Print what was last decided on a case, as it was recorded then; return 0. Raise NotFound."""
    _print_decision(await office.last_decision(case_id), as_json=as_json)
    return 0


async def run_diff(office: Office, path: str, *, limit: int = 1000, as_json: bool) -> int:
    """Print the last decisions that the policy of the file would change; return 0. Raise BadInput, PolicyInvalid."""
    changed = await office.replay(read_text(path), limit)
    if as_json:
        _print_json({"decisions": limit, "changed": [asdict(one) for one in changed]})
        return 0
    for one in changed:
        say(one)
    for kind, count in Counter(str(one.kind) for one in changed).items():
        say(f"{kind}: {count}")
    say(f"{len(changed)} of at most {counted(limit, 'decision')} would change.")
    return 0


async def run_publish(office: Office, path: str, *, as_json: bool) -> int:
    """Put the policy of the file in force; return 0. Raise BadInput, PolicyInvalid (the old one stays), Conflict."""
    done = await office.publish(read_text(path))
    if as_json:
        _print_json({"version": done.version, "proposed": done.proposed})
    else:
        good = f"Policy version {done.version} is in force; every process follows it with its next decision."
        say("\n".join(told(done.model_dump(), otherwise=good)))
    return 0


def read_text(path: str) -> str:
    """Return the text of a file, or of standard input for "-". Raise BadInput when it cannot be read as text."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The file {path} cannot be read ({error.strerror}); check its name.", field="FILE") from None
    except UnicodeDecodeError:
        raise BadInput(f"The file {path} is not UTF-8 text; is it the right file?", field="FILE") from None


def _directory(path: str | None) -> Directory:
    return shipped_directory() if path is None else read_directory(read_text(path))


def _decided(policy: Policy, version: int, typed: Sequence[str], directory: Directory) -> Decision:
    facts = facts_given(typed, policy.home)
    return decide(Rules(version, policy, directory, SystemClock().now()), facts)


def _print_decision(decision: Decision, *, as_json: bool) -> None:
    if as_json:
        _print_json(as_data(decision))
    else:
        say("\n".join(explain(decision)))


def _print_failures(failures: Sequence[Failure], ended_otherwise: Sequence[ClosingFailure], count: int) -> None:
    for failure in failures:
        say(failure)
        for step in failure.path:
            say(f"    {'yes' if step.matched else 'no '} {step.route}: {step.because}")
    for one in ended_otherwise:
        say(one)
    say(f"{count - len(failures) - len(ended_otherwise)} of {counted(count, 'test passes', 'tests pass')}.")


def _failure(failure: Failure) -> dict[str, Any]:
    path = [step.model_dump(mode="json") for step in failure.path]
    return {"test": failure.number, "name": failure.name, "wanted": failure.wanted, "got": failure.got, "path": path}


def _print_invalid(error: PolicyInvalid, *, as_json: bool) -> None:
    if as_json:
        _print_json({"ok": False, "problems": [problem.model_dump() for problem in error.problems]})
    else:
        complain(error.message)


def _print_json(data: dict[str, Any]) -> None:
    say(json.dumps(data, ensure_ascii=False))
