"""Finding cases by what somebody typed: a number, a case's id, an exact location, or a host.

What names a location is looked for by its blind index, only for who may reveal, and never stands in an address, a
command line or a log: it comes in the body of a request. A host alone finds every case of that host; a location finds
its own, however it is written, and of closed ones as of open ones.
"""

import re
from typing import Any, Final

from sqlalchemy import Select, select

from router.casework.context import Context
from router.casework.read.lists import Listing, list_cases, summaries
from router.casework.read.narrowed import page_called
from router.casework.read.numbers import cases_called, names_location
from router.casework.read.sites import host_called
from router.errors import BadInput
from router.guard.access import Permission, require
from router.guard.seal import ID
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.casefile import CaseSummary
from schemas.pages import CasesWanted
from schemas.site import written

_CASE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: A host as people type one, without what comes before or behind it.
_HOST: Final = re.compile(r"[^\s/:@?#]+\.[^\s/:@?#.]+\.?")


async def find(
    ctx: Context, text: str, reader: Actor, *, cursor: str | None = None, limit: int = 50
) -> Listing[CaseSummary]:
    """Return a page of the cases that a text means, newest first. Raise NotAllowed for a location, BadInput."""
    text = text.strip()
    also = [select(cases.c.id).where(cases.c.id == text)] if _CASE.fullmatch(text) else []
    if names_location(text):
        require(reader, Permission.CASE_REVEAL)
        if (site := await _site(ctx, text)) is not None:
            return await list_cases(ctx, CasesWanted(site=site), cursor=cursor, limit=limit)
        also += _by_location(ctx, text)
    found = await page_called(ctx, lambda c: c.id.in_(cases_called(ctx, text, *also)), cursor, limit)
    return Listing(await summaries(ctx, found.rows), found.total, found.more, found.next)


async def _site(ctx: Context, text: str) -> str | None:
    """Return the whole tag of a host that was typed, if a case has it."""
    try:
        locator = read(text) if _HOST.fullmatch(text) else None
    except BadInput:
        return None
    if locator is None or locator.host is None:
        return None
    for index in ctx.keyring.blinds("host", locator.host):
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
