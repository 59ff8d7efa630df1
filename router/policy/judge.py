"""Facts in, routes walked, recipients' words out. Pure, and the only matcher: explain prints the path made here.

The first route that matches decides. `copy = true` adds its recipients and keeps looking. A route that asks only
people lets the rules below say what they would have done, as a proposal. Below every policy stands the root: people.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from schemas.decision import Decision, Step
from schemas.facts import Facts
from schemas.policy import DESK, HOME, ROOT_NAME, Policy, Route, When
from schemas.word import Country

#: Conditions that compare, and the fact that each looks at.
_FACT_OF: Final = {
    "confidence_below": "confidence",
    "bounced_at_least": "bounced",
    "seen_older_than": "seen_hours_ago",
    "still_there_at_least": "still_there",
}
#: The fact that is matched and never said: a path is kept and shown, and who has two of them could tell one host by it.
HOST: Final = "host_index"
_NOT_IT: Final = f"{HOST} is none that the rule names"
#: Facts that are what a report says of the material and of whose account it is: they are shown with the location only.
REPORTED: Final = ("account_country", "account_role", "commerciality", "platform", "seen_hours_ago", "site_type")
UNSAID: Final = "shown with the location"
_REPORTED_IS: Final = re.compile(rf"\b({'|'.join(REPORTED)}) is .+?(?=, \w+ is |, not |, so it is known|$)")
#: Conditions on a number that may be more.
_AT_LEAST: Final = frozenset({"bounced_at_least", "still_there_at_least"})
#: Fail closed: what no rule decides, people do. Built past the validation that keeps others from taking its name.
ROOT: Final = Route.model_construct(name=ROOT_NAME, to=(DESK,), reason="No rule of the policy decides this case.")
#: The facts whose values are countries, where "home" means ours.
COUNTRY_FACTS: Final = frozenset({"hosting_country", "registration_country", "countries", "account_country"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One recipient's word, the route that chose it, and whether it is only what one key would do."""

    word: str
    route: Route
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy says of the facts, and the path by which it came to say so."""

    choices: tuple[Choice, ...]
    path: tuple[Step, ...]


def judge(policy: Policy, facts: Facts) -> Judgement:
    """Walk the routes and return everyone chosen, with one step for each route looked at."""
    path: list[Step] = []
    choices: list[Choice] = []
    proposing = False
    for route in policy.routes:
        failed = first_failure(route.when, facts, policy.home)
        path.append(Step(route=route.name, matched=failed is None, because=failed or _why(route.when, facts)))
        if failed is not None:
            continue
        choices += [Choice(word, route, proposing) for word in route.to]
        if route.ends_the_walk:
            return Judgement(tuple(choices), tuple(path))
        proposing = proposing or not route.copy_
    if not proposing:
        path.append(Step(route=ROOT.name, matched=True, because="no route above ended the walk"))
        choices.append(Choice(DESK, ROOT))
    return Judgement(tuple(choices), tuple(path))


def first_failure(when: When, facts: Facts, home: Country) -> str | None:
    """Return the first condition that does not hold, in words, or None when all do."""
    for key, wanted in when.conditions:
        if not _holds(key, wanted, facts, home):
            return _NOT_IT if key == HOST else _is(key, facts) + _but_wanted(key, wanted)
    return None


def unsaid(because: str) -> str:
    """Return a step's reason as it is read before the location is: without what a report says of it."""
    return _REPORTED_IS.sub(rf"\1 is {UNSAID}", because)


def unsaid_in(decision: Decision) -> Decision:
    """Return a decision with its path likewise."""
    path = tuple(step.model_copy(update={"because": unsaid(step.because)}) for step in decision.path)
    return decision.model_copy(update={"path": path})


def fact_of(key: str) -> str:
    """Return the fact that a condition looks at."""
    return _FACT_OF.get(key, key)


def _holds(key: str, wanted: Any, facts: Facts, home: Country) -> bool:
    if key == "confidence_below":
        return facts.confidence < float(wanted)
    if key in _AT_LEAST:
        return int(getattr(facts, fact_of(key))) >= int(wanted)
    if key == "seen_older_than":
        return facts.seen_hours_ago is not None and facts.seen_hours_ago > hours(wanted)
    value = getattr(facts, key)
    if isinstance(wanted, bool):
        return bool(value) is wanted
    if key in COUNTRY_FACTS and HOME in wanted:
        wanted = (*wanted, home)  # "home" itself is no country, so it matches nothing
    return any(one in wanted for one in value) if isinstance(value, tuple) else value in wanted


def hours(span: timedelta) -> float:
    """Return a span in hours, as the facts count them."""
    return span / timedelta(hours=1)


def _why(when: When, facts: Facts) -> str:
    return ", ".join(_is(key, facts) for key, _ in when.conditions) or "it has no conditions"


def _is(key: str, facts: Facts) -> str:
    if key == HOST:
        return f"{HOST} is one that the rule names"
    name = fact_of(key)
    return f"{name} is {_shown(getattr(facts, name))}"


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | () | "":
            return "not known"
        case tuple():
            return " and ".join(str(one) for one in value)
        case float():
            return f"{value:g}"
    return str(value)


@lru_cache(maxsize=1024)  # a policy's conditions are few, and each is said for most cases
def _but_wanted(key: str, wanted: Any) -> str:
    match key, wanted:
        case "confidence_below", _:
            return f", not below {wanted:g}"
        case (("bounced_at_least" | "still_there_at_least"), _):
            return f", not at least {wanted}"
        case "seen_older_than", _:
            return f", not more than {hours(wanted):g}"
        case _, bool() if key in _YES_OR_NO:
            return ", not yes" if wanted else ", not no"
        case _, bool():
            return "" if wanted else ", so it is known"
    return ", not " + " or ".join(str(word) for word in wanted)


_YES_OR_NO: Final = frozenset(key for key, field in Facts.model_fields.items() if field.annotation is bool)
