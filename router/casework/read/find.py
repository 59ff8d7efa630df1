"""Finding cases by what somebody typed, and saying as what it was read.

A number or a case's id; an exact location; a host, or a registrable domain with every host under it; a partner or a
country by name. What names a location is looked for by its blind index, only for who may reveal, and never stands in
an address, a command line or a log: it comes in the body of a request. A location finds its own case, however it is
written, and closed ones as open ones. A number goes before a name: the names that a text has besides are told.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select

from router.casework.context import Context
from router.casework.intake.domains import domain_marks
from router.casework.listing import Listing
from router.casework.people.mandates import check_may_look
from router.casework.read.lists import list_cases, summaries
from router.casework.read.narrowed import page_called, page_of_domain
from router.casework.read.numbers import cases_called, names_location
from router.casework.read.readings import names, wanted
from router.casework.read.sites import host_called
from router.errors import BadInput
from router.guard.seal import ID
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.casefile import CaseSummary
from schemas.pages import CasesWanted, Meaning, Reading
from schemas.site import written

_CASE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: A host as people type one, without what comes before or behind it.
_HOST: Final = re.compile(r"[^\s/:@?#]+\.[^\s/:@?#.]+\.?")


@dataclass(frozen=True, slots=True)
class Found(Listing[CaseSummary]):
    """A page of what was found."""

    read_as: Reading  #: as what the text was read
    also: tuple[Reading, ...] = ()  #: what it names besides


async def find(ctx: Context, text: str, reader: Actor, *, cursor: str | None = None, limit: int = 50) -> Found:
    """Return a page of the cases that a text means, newest first. Raise NotAllowed for a location, BadInput."""
    text = text.strip()
    also = [select(cases.c.id).where(cases.c.id == text)] if _CASE.fullmatch(text) else []
    meaning = Meaning.NUMBER
    if names_location(text):
        await check_may_look(ctx, reader)
        named = await _of_host(ctx, text, cursor, limit)
        if named is not None and (named.items or cursor is not None):
            return named
        also += _by_location(ctx, text)
        meaning = Meaning.LOCATION if named is None else named.read_as.meaning
    found = await page_called(ctx, lambda c: c.id.in_(cases_called(ctx, text, *also)), cursor, limit)
    others = () if meaning is not Meaning.NUMBER else await names(ctx, text)
    if found.total or not others:
        page = Listing(await summaries(ctx, found.rows), found.total, found.more, found.next)
        return _found(page, Reading(meaning=meaning), others)
    first, *others_too = others
    return _found(await list_cases(ctx, wanted(first), cursor=cursor, limit=limit), first, tuple(others_too))


def _found(page: Listing[CaseSummary], read_as: Reading, also: tuple[Reading, ...] = ()) -> Found:
    return Found(page.items, page.total, page.more, page.next, read_as, also)


async def _of_host(ctx: Context, text: str, cursor: str | None, limit: int) -> Found | None:
    """Return the cases of a host or a registrable domain that was typed; None for anything else."""
    try:
        locator = read(text.removeprefix("*.")) if _HOST.fullmatch(text) else None
    except BadInput:
        return None
    if locator is None or locator.host is None:
        return None
    if locator.host == locator.registrable_domain:
        marks = domain_marks(ctx.keyring, locator.host)
        of_domain = await page_of_domain(ctx, marks, cursor, limit)
        page = Listing(await summaries(ctx, of_domain.rows), of_domain.total, of_domain.more, of_domain.next)
        return _found(page, Reading(meaning=Meaning.DOMAIN))
    read_as = Reading(meaning=Meaning.HOST)
    site = await _site(ctx, locator.host)
    if site is None:
        return Found([], 0, more=False, next=None, read_as=read_as)
    return _found(await list_cases(ctx, CasesWanted(site=site), cursor=cursor, limit=limit), read_as)


async def _site(ctx: Context, host: str) -> str | None:
    """Return the whole tag of a host, if a case has it."""
    for index in ctx.keyring.blinds("host", host):
        tag = written(index[ID:])
        if await host_called(ctx, tag) is not None:
            return tag
    return None


def _by_location(ctx: Context, text: str) -> list[Select[Any]]:
    try:
        marks = ctx.keyring.blinds("url", identity(read(text)))
    except BadInput:
        return []  # a number that only looks like one
    return [select(cases.c.id).where(cases.c.url_bidx.in_(marks))]
