"""A casebook whose policy is one of the store's versions, as in a router."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from router.casework.govern.versions import Following, import_directory, publish_policy
from schemas.actor import ROUTER
from schemas.partner import Directory, PartnerKind
from tests.casebook import Casebook, casebook


@asynccontextmanager
async def ruled_by(folder: Path, policy: str) -> AsyncIterator[Casebook]:
    """Open one in an empty folder; its hotlines are the scripted ones, and `policy` is in force."""
    async with casebook(folder) as book:
        store, clock = book.ctx.store, book.clock
        kept = tuple(one for one in book.rules.directory_.partners if one.kind is PartnerKind.HOTLINE)
        await import_directory(store, clock, Directory(partners=kept), ROUTER)
        await publish_policy(store, clock, policy, ROUTER)
        book.ctx = replace(book.ctx, governance=Following(store, clock))
        yield book
