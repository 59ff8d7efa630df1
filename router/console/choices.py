"""Whom staff may choose by hand, for the lists of the forms; and the titles that stand for partners' names."""

from dataclasses import dataclass

from router.casework.context import Context
from schemas.partner import Directory, Partner


@dataclass(frozen=True, slots=True)
class Choices:
    """Partners that are switched on, by title, and the countries that one of them serves."""

    partners: tuple[Partner, ...]
    countries: tuple[str, ...]


async def choices(ctx: Context) -> Choices:
    """Return what a person may choose from. Who is barred is said when they try, with the reason."""
    return of(await ctx.governance.directory(), ctx.me)


def of(directory: Directory, me: str) -> Choices:
    """Return the choices that a directory leaves: a copy to ourselves is impossible."""
    found = [one for one in directory.partners if one.enabled and one.name != me]
    served = {country for one in found for country in one.countries}
    served |= {territory for territory, country in directory.territories.items() if country in served}
    return Choices(tuple(sorted(found, key=lambda one: one.title.casefold())), tuple(sorted(served)))


async def partner_titles(ctx: Context) -> dict[str, str]:
    """Return the title of each partner by its name."""
    return {one.name: one.title for one in (await ctx.governance.directory()).partners}
