"""Who acted, and what a change is about, as people read it: the audit's `person:anna` is anna on a page."""

# ruff: noqa: RUF001 - typographic apostrophes are what readers expect

import re
from typing import Final

from router.console.history_words import SUBJECT
from router.console.language import N_, Tongue

#: One who acts, by the kind of their id (`schemas/actor`); of a person the name says all.
_KIND: Final = {
    "local": N_("{name}, at the router’s machine"),
    "peer": N_("partner {name}"),
    "source": N_("source {name}"),
}
#: Who has no name of their own.
_WHOLE: Final = {
    "local": N_("at the router’s machine"),
    "policy": N_("the policy"),
    "router": N_("the router"),
}
_LENT: Final = N_("{name}, by a token that was made by {by}")
_ID: Final = re.compile(r"(person|source|peer|local):([^/\s]+)(?:/(\S+))?")
#: What a change is about, by what stands before its name or number (`schemas/proposal`), as the changes' page has it.
_ABOUT: Final = {
    "embargo": N_("An earlier end of an embargo"),
    "partner": N_("Partner"),
    "rule": N_("A drafted rule"),
    "source": N_("What a source hears of its reports"),
    "trail": N_("A trail for a magistrate"),
}
#: What a stop stops (`deliver/stops`).
_SCOPE: Final = {"all": N_("everything but police"), "partner": N_("Partner"), "route": N_("Route")}
#: Whose name says more than that there is one; of the others it is a number.
_NAMED: Final = frozenset({"partner", "source"})


def called(tongue: Tongue, actor: str) -> str:
    """Return who acts, by name and without the kind that the audit's ids have; what is no such id stays as it is."""
    if actor in _WHOLE:
        return tongue.gettext(_WHOLE[actor])
    found = _ID.fullmatch(actor)
    if found is None:
        return actor
    kind, name, issuer = found.groups()
    said = tongue.gettext(_KIND[kind]).format(name=name) if kind in _KIND else name
    return said if issuer is None else tongue.gettext(_LENT).format(name=said, by=called(tongue, issuer))


def about(tongue: Tongue, subject: str) -> str:
    """Return what a change is about; what is no such subject stays as it is."""
    if subject in SUBJECT:
        return tongue.gettext(SUBJECT[subject])
    kind, _, name = subject.partition(":")
    if not name or kind not in _ABOUT:
        return subject
    return f"{tongue.gettext(_ABOUT[kind])} {name}" if kind in _NAMED else tongue.gettext(_ABOUT[kind])


def stopped(tongue: Tongue, scope: str) -> str:
    """Return what a stop stops: everything, a partner, or a route; what is no such scope stays as it is."""
    kind, _, name = scope.partition(":")
    return f"{tongue.gettext(_SCOPE[kind])} {name}".strip() if kind in _SCOPE else scope
