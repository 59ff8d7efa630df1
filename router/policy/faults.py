"""What is wrong with a policy that reads well: rules never reached, names that mean nobody, barred recipients."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from router.policy.places import Loc
from router.policy.translations import mistranslated
from schemas.partner import Directory, PartnerKind
from schemas.policy import DESK, HOTLINE, ROOT_NAME, Policy, When


def faults(policy: Policy, directory: Directory | None = None) -> Iterator[tuple[Loc, str]]:
    """Yield each fault as (where, what to mend). Names of partners are judged when the directory is given."""
    yield from _double_names(policy)
    yield from _never_reached(policy)
    yield from _impossible_countries(policy)
    yield from _unknown_routes(policy)
    yield from mistranslated(policy)
    if directory is not None:
        yield from _unknown_partners(policy, directory)
        yield from _no_police(policy, directory)


def _double_names(policy: Policy) -> Iterator[tuple[Loc, str]]:
    counted = Counter(route.name for route in policy.routes)
    seen: set[str] = set()
    for position, route in enumerate(policy.routes):
        if route.name in seen:
            yield ("route", position, "name"), f"{counted[route.name]} routes have this name; give each its own"
        seen.add(route.name)


def _never_reached(policy: Policy) -> Iterator[tuple[Loc, str]]:
    for position, route in enumerate(policy.routes):
        above = next((a for a in policy.routes[:position] if a.ends_the_walk and implied(a.when, route.when)), None)
        if above is not None:
            yield ("route", position), f"never reached: route {above.name} above takes all that it would match"


def implied(general: When, special: When) -> bool:
    """Tell whether everything that matches `special` matches `general` too, as far as the conditions show."""
    given = dict(special.conditions)
    return all(key in given and _narrower(key, given[key], wanted) for key, wanted in general.conditions)


def _narrower(key: str, special: Any, general: Any) -> bool:
    if key == "confidence_below":
        return bool(special <= general)
    if key in {"bounced_at_least", "seen_older_than", "still_there_at_least"}:
        return bool(special >= general)
    if isinstance(special, tuple) and isinstance(general, tuple):
        return set(special) <= set(general)
    # One of these values: then it is known.
    return special is general or (isinstance(special, tuple) and general is True)


def _impossible_countries(policy: Policy) -> Iterator[tuple[Loc, str]]:
    if policy.home in policy.barred:
        yield ("barred", policy.home), "our own country cannot be barred: our own police could receive nothing"
    for position, route in enumerate(policy.routes):
        for word in route.to:
            country = word.removeprefix(HOTLINE)
            if word == f"{HOTLINE}{policy.home}":
                yield ("route", position, "to"), f"{word} is ourselves; write 'desk'"
            elif word.startswith(HOTLINE) and country in policy.barred:
                yield ("route", position, "to"), f"{country} is barred: {policy.barred[country]}"


def _unknown_routes(policy: Policy) -> Iterator[tuple[Loc, str]]:
    known = {ROOT_NAME, *(route.name for route in policy.routes)}
    for position, test in enumerate(policy.tests):
        if test.route is not None and test.route not in known:
            yield ("tests", position, "route"), f"no route is named {test.route}"


def _no_police(policy: Policy, directory: Directory) -> Iterator[tuple[Loc, str]]:
    if policy.unseen_to is None:
        return
    partner = directory.named(policy.unseen_to)
    if partner is None:
        yield ("unseen_to",), f"the directory has no partner named {policy.unseen_to}"
    elif partner.kind is not PartnerKind.POLICE:
        yield ("unseen_to",), f"{policy.unseen_to} is no police; what nobody has assessed goes to police alone"
    elif barred := next((c for c in partner.countries if c in policy.barred), None):
        yield ("unseen_to",), f"{policy.unseen_to} is in {barred}, which is barred: {policy.barred[barred]}"


def _unknown_partners(policy: Policy, directory: Directory) -> Iterator[tuple[Loc, str]]:
    used: list[tuple[Loc, tuple[str, ...]]] = []
    used += [(("route", position, "to"), route.to) for position, route in enumerate(policy.routes)]
    rules = enumerate(policy.follow_up_rules)
    used += [(("follow_up_rule", position, "partner"), one.partner or ()) for position, one in rules]
    for position, test in enumerate(policy.tests):
        used += [(("tests", position, "expect"), test.expect), (("tests", position, "propose"), test.propose or ())]
    for loc, words in used:
        for word in words:
            if word == DESK or word.startswith(HOTLINE):
                continue
            partner = directory.named(word)
            if partner is None:
                yield loc, f"the directory has no partner named {word}"
            elif loc[0] == "route" and (barred := next((c for c in partner.countries if c in policy.barred), None)):
                yield loc, f"{word} is in {barred}, which is barred: {policy.barred[barred]}"
