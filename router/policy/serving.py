"""Whom a recipient's word means: the directory's hotline for a country, or the partner of that name."""

from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from router.policy.bars import barred, ended
from router.policy.same import Same
from schemas.facts import Facts
from schemas.partner import Directory, Partner, PartnerKind
from schemas.policy import FOLLOWED, HOTLINE, Policy
from schemas.trace import Reason
from schemas.word import Country

#: Who can be meant by "hotline:COUNTRY": the hotline itself, or a hub such as ICCAM that passes it on.
HOTLINES: Final = frozenset({PartnerKind.HOTLINE, PartnerKind.HUB})


class Served(NamedTuple):
    """A partner, the country on whose behalf it was chosen, and the assumption that this rests on, if any."""

    partner: Partner
    country: Country | None
    assumption: str | None = None


def serving(directory: Directory, country: Country) -> Partner | None:
    """Return the hotline that `hotline:country` means, enabled or not.

    The directory's default for the country; else, for a territory, the default of the responsible country; else the
    only one there is. Several without a default are nobody: the directory has to say which.
    """
    own, responsible = _hotlines(directory, country), _hotlines(directory, directory.territories.get(country))
    if found := next((partner for partner in (*own, *responsible) if partner.default), None):
        return found
    only = own or responsible
    return only[0] if len(only) == 1 else None


def _hotlines(directory: Directory, country: Country | None) -> tuple[Partner, ...]:
    return _by_country(Same(directory)).get(country, ()) if country else ()


@lru_cache(8)
def _by_country(directory: Same[Directory]) -> dict[Country, tuple[Partner, ...]]:
    found: dict[Country, tuple[Partner, ...]] = {}
    for partner in directory.it.partners:
        for country in dict.fromkeys(partner.countries) if partner.kind in HOTLINES else ():
            found[country] = (*found.get(country, ()), partner)
    return found


def has_hotline(directory: Directory, country: Country | None, today: date) -> bool:
    """Whether an enabled hotline that was checked and has a valid agreement serves the country."""
    hotline = serving(directory, country) if country else None
    if hotline is None or not hotline.enabled or hotline.checked_on is None:
        return False
    return ended(hotline.agreement, today) is None


def partner_for(word: str, facts: Facts, directory: Directory, policy: Policy) -> Served | Reason:
    """Return whom a recipient's word means for these facts, or why it means nobody. Not for "desk"."""
    if not word.startswith(HOTLINE):
        partner = directory.named(word)
        if partner is None:
            return Reason(code="no_partner", text=f"the directory has no partner named {word}")
        of_hub = facts.hosting_country if partner.kind is PartnerKind.HUB else None  # whom the hub is to give it to
        return Served(partner, of_hub or next(iter(partner.countries), None))
    country = word.removeprefix(HOTLINE)
    if country in FOLLOWED:
        followed: Country | None = getattr(facts, country)
        if followed is None:
            return Reason(code="country_unknown", text=f"the {country.replace('_', ' ')} is not known")
        country = followed
    return _hotline_of(country, directory, policy)


def _hotline_of(country: Country, directory: Directory, policy: Policy) -> Served | Reason:
    if country == policy.home:
        return Reason(code="ourselves", text=f"{country} is our own country: we are its hotline")
    if reason := barred(country, policy):
        return reason
    partner = serving(directory, country)
    if partner is None:
        return Reason(code="no_partner", text=f"no hotline in the directory serves {country}, or none is its default")
    if country in partner.countries:
        return Served(partner, country)
    why = directory.assumed.get(country)
    assumption = f"that {partner.title} serves {country} is only assumed: {why}" if why else None
    return Served(partner, directory.territories[country], assumption)
