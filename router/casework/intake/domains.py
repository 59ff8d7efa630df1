"""The registrable domain of a case as an index: every host of one domain is found by it, and nobody reads it there.

A case of an earlier version has none, and what it would be made of is sealed; so the router opens those page by page
while it works, a moment's rest after each, until none is left. Where one stopped is in the rows themselves: whoever
starts next goes on there, and two at once do no harm. The accounts that its items name get theirs by the same turn.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from router.casework.case.marks import account_text
from router.casework.case.sealed import case_secrets, each_key, item_secrets
from router.casework.context import Context
from router.errors import Damaged, RouterError, StoreUnavailable
from router.guard.log import get_log
from router.guard.seal import CaseKey, Keyring
from router.store.base import Change, LookUp, Row, Transition
from router.store.schema.tables import cases, items
from schemas.locator import Locator
from schemas.report import Account

#: What stands in the column of a case that has no registrable domain: an address, an onion, what was erased.
NONE: Final = b""
_ITEMS: Final = LookUp(select(items.c.id, items.c.case_id, items.c.sealed), items.c.case_id)
_PAGE: Final = 200
#: Seconds between two pages, and after an error: what waits for the router goes first.
_REST, _LONG_REST = 0.2, 60.0


def site_marks(keyring: Keyring, locator: Locator) -> dict[str, bytes | None]:
    """Return the columns of a case that say, to nobody who reads them, of which host and domain it is."""
    host = keyring.blind("host", locator.host) if locator.host else None
    return {"host_bidx": host, "domain_bidx": domain_mark(keyring, locator.registrable_domain)}


def domain_mark(keyring: Keyring, domain: str | None) -> bytes:
    """Return what stands in the column of a case of this registrable domain."""
    return NONE if domain is None else keyring.blind("host", _apart(domain))


def domain_marks(keyring: Keyring, domain: str) -> list[bytes]:
    """Return the same under every key that is held."""
    return keyring.blinds("host", _apart(domain))


def _apart(domain: str) -> str:
    """Return a text that no host is, so that the index of a domain is never that of a host of the same name."""
    return f"domain {domain}"


async def index_domains(ctx: Context) -> None:
    """Give an index to each case that has none, until all have one; an error is tried again later."""
    last = ""
    while True:
        rest = _REST
        try:
            wanted = select(cases.c.id, cases.c.sealed).where(cases.c.domain_bidx.is_(None), cases.c.id > last)
            rows = await ctx.store.rows(wanted.order_by(cases.c.id).limit(_PAGE))
            if not rows:
                return
            made = [Transition(ctx.now(), tuple(of_case)) for of_case in await _indexed(ctx, rows)]
            said = await ctx.store.commit_all(made)
            for lost in said:
                if isinstance(lost, StoreUnavailable):
                    raise lost
            last = rows[-1]["id"]
        except RouterError as error:
            get_log("intake").warning("domains_not_indexed", code=error.code)
            rest = _LONG_REST
        await asyncio.sleep(rest)


async def _indexed(ctx: Context, rows: Sequence[Row]) -> list[list[Change]]:
    """Return what writes the indexes of each; one that is damaged stays without and is shown as damaged elsewhere."""
    ids = [row["id"] for row in rows]
    keys, given = await each_key(ctx, ids), await ctx.store.look_up(_ITEMS, ids)
    found = []
    for row in rows:
        key, domain, changes = keys.get(row["id"]), None, list[Change]()
        try:
            if key and row["sealed"]:
                domain = case_secrets(key, row["id"], row["sealed"]).registrable_domain
                changes = _accounts(ctx.keyring, key, given.get(row["id"], ()))
        except Damaged:
            changes = []
        mark = {"domain_bidx": domain_mark(ctx.keyring, domain)}
        found.append([Change(cases, {"id": row["id"]}, mark, guard={"domain_bidx": None}), *changes])
    return found


def _accounts(keyring: Keyring, key: CaseKey, given: Sequence[Row]) -> list[Change]:
    """Return what writes the index of the account that each item names. Raise Damaged."""
    changes = []
    for row in given:
        mark = account_mark(keyring, item_secrets(key, row["id"], row["sealed"]).account)
        if mark is not None:
            changes.append(Change(items, {"id": row["id"]}, {"account_bidx": mark}))
    return changes


def account_mark(keyring: Keyring, account: Account | None) -> bytes | None:
    """Return what stands in the column of an item that names this account."""
    return None if account is None else keyring.blind("account", account_text(account.platform, account.handle))
