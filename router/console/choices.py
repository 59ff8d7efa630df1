"""Whom staff may choose by hand, for the lists of the forms; and the titles that stand for partners' names."""

from dataclasses import dataclass

from router.casework.context import Context
from router.policy.recipients import serving
from schemas.partner import Directory, Partner


@dataclass(frozen=True, slots=True)
class Choices:
    """Partners that are switched on, by title, and the countries whose hotline is one of them."""

    partners: tuple[Partner, ...]
    countries: tuple[str, ...]
    by_hand: tuple[Partner, ...] = ()  #: all others: what was handed to them by another way is written down too


async def choices(ctx: Context) -> Choices:
    """Return what a person may choose from. Who is barred is said when they try, with the reason."""
    return of(await ctx.governance.directory(), ctx.me)


def of(directory: Directory, me: str) -> Choices:
    """Return the choices that a directory leaves: a copy to ourselves is impossible."""
    found = [one for one in directory.partners if one.enabled and one.name != me]
    named = {country for one in found for country in one.countries} | set(directory.territories)
    served = [country for country in sorted(named) if serving(directory, country) in found]
    others = [one for one in directory.partners if not one.enabled and one.name != me]
    return Choices(_by_title(found), tuple(served), _by_title(others))


def _by_title(found: list[Partner]) -> tuple[Partner, ...]:
    return tuple(sorted(found, key=lambda one: one.title.casefold()))


async def partner_titles(ctx: Context) -> dict[str, str]:
    """Return the title of each partner by its name."""
    return {one.name: one.title for one in (await ctx.governance.directory()).partners}
