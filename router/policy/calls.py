"""What people are asked: one call to the desk, with a stable code, a sentence and a clock."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final

from router.policy.judge import ROOT
from schemas.casefile import DeskCode
from schemas.decision import DeskCall, Recipient
from schemas.facts import Facts
from schemas.policy import Policy, Route
from schemas.trace import Reason, VerdictKind
from schemas.vocabulary import Assessment, Urgency

#: What a route to people is about, told by the condition that brought the case there; the first that fits.
_ABOUT: Final = (
    ("urgency", {Urgency.LIVE, Urgency.IMMINENT_RISK}, DeskCode.CHILD_AT_RISK, "a child may be in danger now"),
    ("bounced_at_least", None, DeskCode.BOUNCED, "partners sent it back"),
    ("reasons", {"shortener"}, DeskCode.SHORTENED, "a shortened link: look where it leads and report that place"),
    ("reasons", {"filtered"}, DeskCode.LOOK, "a name server on our side filters this name: look by another way"),
    ("reasons", {"link_wrapper"}, DeskCode.WRAPPED, "a link that carries another location: take that one"),
    (
        "seen_older_than",
        None,
        DeskCode.SEEN_LONG_AGO,
        "seen there long ago: look whether it still is",
    ),
    ("still_there_at_least", None, DeskCode.POLICY, "it is still there: hand it to somebody else who can act"),
    ("assessment", {Assessment.UNASSESSED}, DeskCode.NOT_ASSESSED, "nobody has assessed it yet"),
    ("verdict", {VerdictKind.EDGE_ONLY}, DeskCode.EDGE_ONLY, "only a CDN's edge is known: ask the CDN for the origin"),
    ("confidence_below", None, DeskCode.DOUBTFUL, "the evidence does not agree on a country"),
)
#: The same where no condition says what it is about.
_ASKS: Final = "the policy's route {route} asks people"
#: What is asked for where one key sends it.
_ASSESS: Final = "assess it; then it can go to {partners}"
_CONFIRM: Final = "confirm sending to {partners}"


def call_of(route: Route, policy: Policy) -> DeskCall:
    """Return the call that a route with "desk" among its recipients makes."""
    code, text = _about(route)
    # An edge has a clock of its own: how long the CDN has to name the origin.
    alarm = route.alarm or (policy.origin_wait if code is DeskCode.EDGE_ONLY else None)
    return DeskCall(code=code, text=route.reason or text, alarm=alarm)


def call_to_confirm(proposed: Sequence[Recipient], facts: Facts, routes: Sequence[Route]) -> DeskCall:
    """Return the call that asks for the one key which sends a proposal."""
    names = ", ".join(recipient.partner for recipient in proposed)
    alarm = min((route.alarm for route in routes if route.alarm), default=None)
    if facts.assessment is Assessment.UNASSESSED:
        return DeskCall(code=DeskCode.NOT_ASSESSED, text=_ASSESS.format(partners=names), alarm=alarm)
    return DeskCall(code=DeskCode.PROPOSED, text=_CONFIRM.format(partners=names), alarm=alarm)


def call_to_choose(refused: Sequence[Reason]) -> DeskCall:
    """Return the call that asks for a recipient, because nobody chosen may receive."""
    why = "; ".join(reason.text for reason in refused) or "the policy only chose copies"
    return DeskCall(code=DeskCode.NO_RECIPIENT, text=f"nobody chosen may receive it: {why}")


def _about(route: Route) -> tuple[DeskCode, str]:
    if route is ROOT:
        return DeskCode.NO_ROUTE, ""
    conditions = dict(route.when.conditions)
    for key, values, code, text in _ABOUT:
        if key in conditions and (values is None or _names_one(conditions[key], values)):
            return code, text
    return DeskCode.POLICY, _ASKS.format(route=route.name)


def _names_one(condition: object, values: AbstractSet[StrEnum | str]) -> bool:
    """Say whether a condition names one of these values; `reasons = true` names none."""
    return isinstance(condition, frozenset | tuple | list) and not values.isdisjoint(condition)
