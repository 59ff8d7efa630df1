"""ICCAM and who is reached through it: only the hub hands a case to INTERPOL, so a member's peer gets a copy at most.

A hub that is not enabled, was never reached, or whose agreement has ended is no hub: then peers receive as everybody.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from router.policy.bars import ended
from router.policy.judge import judge
from router.policy.same import Same
from router.policy.serving import Served, has_hotline, partner_for, serving
from schemas.facts import Facts
from schemas.partner import Directory, Partner, PartnerKind
from schemas.policy import DESK, Policy
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment
from schemas.word import Country

_NOTE = (
    "route {route} hands what is hosted in {country} to {partner}, an INHOPE member, while a hub is in use: it gets a "
    "copy at most, and the case goes to people. Send it to the hub above, as `when = {{ iccam = true }}`"
)


def is_member(directory: Directory, country: Country | None) -> bool:
    """Whether the hotline that serves the country is a member of INHOPE, enabled here or not."""
    hotline = serving(directory, country) if country else None
    return hotline is not None and hotline.inhope


def through_hub(directory: Directory, country: Country | None, today: date) -> bool:
    """Whether a hub in use reaches the country's hotline."""
    return any(_usable(one, today) for one in _hubs(Same(directory))) and is_member(directory, country)


class Reach(NamedTuple):
    """How a country's hotline is reached on a day."""

    inhope: bool  #: it is a member of INHOPE
    iccam: bool  #: and a hub in use reaches it
    has_hotline: bool  #: it is enabled here, was checked, and its agreement is valid


def reach(directory: Directory, country: Country | None, today: date) -> Reach:
    """Return how the hotline that serves a country is reached; of no country, by nobody."""
    return _reach(Same(directory), country, today)


@lru_cache(2048)  # the countries of the world, for the directories and days in use
def _reach(directory: Same[Directory], country: Country | None, today: date) -> Reach:
    known = directory.it
    return Reach(is_member(known, country), through_hub(known, country, today), has_hotline(known, country, today))


@lru_cache(8)
def _hubs(directory: Same[Directory]) -> tuple[Partner, ...]:
    return tuple(partner for partner in directory.it.partners if partner.kind is PartnerKind.HUB)


def _usable(partner: Partner, today: date) -> bool:
    return partner.enabled and partner.checked_on is not None and ended(partner.agreement, today) is None


def is_bypassed(partner: Partner, facts: Facts) -> bool:
    """Whether handing the case to this partner alone would go past the hub that reaches the same hotline."""
    return facts.iccam and partner.kind is PartnerKind.HOTLINE and partner.inhope


def notes(policy: Policy, directory: Directory) -> Iterator[str]:
    """Yield what `policy check` says of routes that would go past a hub in use: once for each route."""
    told: set[str] = set()
    for partner in directory.partners:
        for country in partner.countries if partner.kind is PartnerKind.HOTLINE and partner.inhope else ():
            route = _past_the_hub(policy, directory, partner, country)
            if route is not None and route not in told:
                told.add(route)
                yield _NOTE.format(route=route, country=country, partner=partner.name)


def _past_the_hub(policy: Policy, directory: Directory, partner: Partner, country: Country) -> str | None:
    """Return the route that would choose the peer as main recipient for an ordinary case of its country."""
    facts = Facts(
        verdict=VerdictKind.COUNTRY,
        hosting_country=country,
        confidence=1.0,
        has_hotline=True,
        inhope=True,
        iccam=True,
        assessment=Assessment.BASELINE,
    )
    for choice in judge(policy, facts).choices:
        if choice.word == DESK or choice.route.copy_:
            continue
        found = partner_for(choice.word, facts, directory, policy)
        if isinstance(found, Served) and found.partner.name == partner.name:
            return choice.route.name
    return None
