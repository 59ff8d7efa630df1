"""A route drafted from what a person decided by hand, with its test, put before the rule that it corrects.

The text of the policy is kept as it is, with its remarks: two tables are put in, the route above the one that ended
the walk, the test at the end. So whatever asks people above that rule (a child at risk, what nobody assessed) still
comes first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from router.errors import BadInput, PolicyInvalid
from router.policy.check import as_ready
from router.policy.decision import Rules, decide
from router.policy.judge import HOST, fact_of, judge
from router.policy.load import load
from router.policy.places import line_of
from schemas.decision import Mode
from schemas.draft import Scope
from schemas.facts import Facts
from schemas.partner import Directory
from schemas.policy import DESK, Policy, Route
from schemas.trace import VerdictKind

#: The condition that each scope asks for.
_CONDITION: Final = {
    Scope.HOST: HOST,
    Scope.NETWORK: "networks",
    Scope.OPERATOR: "operators",
    Scope.SOURCE: "source",
}
_UNKNOWN: Final = "This is not known of the case, so no rule can ask for it; choose another scope."
_EDGE: Final = "Only a CDN's edge is known, and its network says nothing of this host; draft a rule for the host."
_NO_EFFECT: Final = "A rule would not send this case to {partner}: {reasons}."
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants always: for which cases, to whom, and whether people confirm each."""

    scope: Scope
    partner: str
    mode: Mode
    case: str  #: whose override it is: there its host is revealed


@dataclass(frozen=True, slots=True)
class Drafted:
    """The new text, and what stands in it that did not."""

    text: str
    name: str
    before: str | None  #: the route that it corrects; None: it stands last
    route: str
    test: str


def drafted(text: str, facts: Facts, wish: Wish, directory: Directory) -> Drafted:
    """Return a policy's text with the route and its test. Raise BadInput where no such rule can do what is wished.

    `text` is of the policy in force; `facts` are those of the case.
    """
    policy = load(text)
    wanted = _wanted(facts, wish.scope)
    ends = [one for one in policy.routes if one.ends_the_walk]
    matched = {step.route for step in judge(policy, facts).path if step.matched}
    corrects = next((one for one in ends if one.name in matched), None)
    name = _name(policy, wish.scope)
    route = _route(name, wish, wanted)
    lines = text.splitlines()
    at = len(lines) if corrects is None else _above(lines, _line(text, policy, corrects))
    whole = "\n".join([*lines[:at], *route.splitlines(), "", *lines[at:]])
    after = load(whole + "\n" + _test(name, {}, facts, {"expect": [DESK]}))
    test = _tested(name, after, facts, wish, directory)
    return Drafted(f"{whole.rstrip()}\n\n{test}", name, corrects.name if corrects else None, route, test)


def _wanted(facts: Facts, scope: Scope) -> list[Any]:
    if scope in {Scope.NETWORK, Scope.OPERATOR} and facts.verdict is VerdictKind.EDGE_ONLY:
        raise BadInput(_EDGE, field="scope", reason="edge_only")
    value = getattr(facts, _CONDITION[scope])
    if not value:
        raise BadInput(_UNKNOWN, field="scope", reason="not_known")
    return list(value) if isinstance(value, tuple) else [value]


def _name(policy: Policy, scope: Scope) -> str:
    """Return a name of its own: of no host, since it stands in referrals."""
    taken = {one.name for one in policy.routes}
    return next(name for number in range(1, 1000) if (name := f"always-{scope}-{number}") not in taken)


def _route(name: str, wish: Wish, wanted: list[Any]) -> str:
    mode = "" if wish.mode is Mode.AUTOMATIC else f'mode = "{wish.mode}"\n'
    when = f"{{ {_CONDITION[wish.scope]} = {_toml(wanted)} }}"
    said = f'[[route]]\nname = "{name}"\nwhen = {when}\nto = ["{wish.partner}"]\n{mode}'
    return f"# From an override; see case {wish.case}.\n{said}"


def _line(text: str, policy: Policy, route: Route) -> int:
    """Return the 0-based line at which a route begins."""
    line = line_of(text, ("route", policy.routes.index(route)))
    if line is None:
        raise PolicyInvalid("The policy in force writes its routes in another way; add the rule by hand.")
    return line - 1


def _above(lines: list[str], at: int) -> int:
    """Return where what is said about a route begins: its remarks stand above it."""
    while at > 0 and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _tested(name: str, after: Policy, facts: Facts, wish: Wish, directory: Directory) -> str:
    """Return the test: what the new policy does with this case. Raise BadInput where that is not what is wished."""
    position = next(number for number, one in enumerate(after.routes) if one.name == name)
    asked = {fact_of(key) for one in after.routes[: position + 1] for key, _ in one.when.conditions}
    given = {key: value for key, value in facts.model_dump(mode="json", exclude_defaults=True).items() if key in asked}
    kept = {key: value for key, value in given.items() if key not in {"path", "seen_hours_ago"}}
    known = Facts.model_validate({"assessment": facts.assessment, **_of_verdict(facts), **kept})
    found = decide(Rules(0, after, as_ready(directory), _ANY_DAY), known)
    by = {mode: sorted(r.partner for r in found.recipients if r.mode is mode) for mode in Mode}
    if wish.partner not in {one for names in by.values() for one in names}:
        why = "; ".join(one.text for one in found.refused) or "a rule above decides it"
        raise BadInput(_NO_EFFECT.format(partner=wish.partner, reasons=why), field="partner", reason="no_effect")
    told = {"expect": by[Mode.AUTOMATIC] + ([DESK] if found.desk else [])}
    if by[Mode.PROPOSE]:
        told["propose"] = by[Mode.PROPOSE]
    return _test(name, {"assessment": str(facts.assessment), **_of_verdict(facts), **kept}, facts, told)


def _of_verdict(facts: Facts) -> dict[str, Any]:
    return {"hosting_country": facts.hosting_country} if facts.hosting_country else {}


def _test(name: str, given: Mapping[str, Any], facts: Facts, told: Mapping[str, list[str]]) -> str:
    verdict = {"verdict": str(facts.verdict)} if given else {}
    said = ", ".join(f"{key} = {_toml(value)}" for key, value in ({**verdict, **given}).items())
    lines = [f"{key} = {_toml(value)}" for key, value in told.items()]
    return "\n".join(["[[tests]]", f'name = "{name}"', f"given = {{ {said} }}", *lines]) + "\n"


def _toml(value: Any) -> str:
    """Return a value as TOML: for text, numbers, truth and lists of them JSON is TOML."""
    return json.dumps(value, ensure_ascii=False)
