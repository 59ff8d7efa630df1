"""The reasons of a policy in further languages: what is wrong with them, which are missing, and how one is said.

A decision keeps its reason as the rule has it. That text is the key here, so a translation belongs to a rule as long as
the rule says so, and what decided a case long ago is read in the languages of the version that decided it.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from router.policy.places import Loc
from schemas.policy import Policy

#: A reason as written -> language -> how it is said there. The language in which it is written comes first.
Said: TypeAlias = Mapping[str, Mapping[str, str]]
#: Rules that a note names; of further ones it says how many.
_MOST_NAMED: Final = 10
#: Characters by which a reason that was mistyped, or changed since, is found again.
_ALIKE: Final = 12


def said(policy: Policy) -> Said:
    """Return every reason of a policy in each of the languages that it has it in."""
    found: dict[str, dict[str, str]] = {text: {policy.language: text} for text in _written(policy)}
    for language, texts in policy.translations.items():
        for text, words in texts.items():
            found[text][language] = words
    return found


def of_routes(policy: Policy) -> Mapping[str, str]:
    """Return the reason of each route that gives one, as it is written, by the route's name."""
    return {route.name: route.reason for route in policy.routes if route.reason is not None}


def mistranslated(policy: Policy) -> Iterator[tuple[Loc, str]]:
    """Yield each fault of the translations as (where, what to mend)."""
    known = _written(policy)
    for language, texts in policy.translations.items():
        if language == policy.language:
            yield (
                ("translations", language),
                f"the rules are written in {language} already; leave this out, or say in `language` what they are in",
            )
        for text, words in texts.items():
            if text not in known:
                alike = next((place for one, place in known.items() if one.startswith(text[:_ALIKE])), None)
                near = f"; did you mean that of {alike}?" if alike else ""
                yield ("translations", language, text), f"no rule has this reason; write it as its rule does{near}"
            elif not words.strip():
                yield ("translations", language, text), "must not be empty"


def untranslated(policy: Policy) -> Iterator[str]:
    """Yield for each language that the policy has which reasons it lacks there."""
    known = _written(policy)
    for language, texts in policy.translations.items():
        missing = [place for text, place in known.items() if text not in texts]
        if missing:
            more = len(missing) - _MOST_NAMED
            named = ", ".join(missing[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            yield f"in {language} no reason is given for {named}: it is shown as written there"


def _written(policy: Policy) -> dict[str, str]:
    """Return each reason as written, and the first rule that has it."""
    found: dict[str, str] = {}
    for route in policy.routes:
        if route.reason is not None:
            found.setdefault(route.reason, f"route {route.name}")
    for country, reason in policy.barred.items():
        found.setdefault(reason, f"barred.{country}")
    return found
