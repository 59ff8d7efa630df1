"""The hosts that the policy names by index, named by the new one: when every index is made anew.

Done before the cases are, since the old index of a host leads to its name only through a case that is kept. A rule that
names a host of which no case is kept stays as it is and finds nothing any more: `doctor` says so. It is the same
rules, so nobody else is asked; the new version says by whom.
"""

import re
from hashlib import sha256
from typing import Final

from sqlalchemy import select

from router.casework.case.record import open_rows
from router.casework.context import Context
from router.errors import Damaged
from router.guard.log import get_log
from router.guard.seal import ID, Keyring
from router.store.base import Add, Change, Event, Transition
from router.store.schema.partners import proposals
from router.store.schema.tables import cases, policies
from schemas.proposal import POLICY
from schemas.site import bounds, written

#: How a rule writes an index (`schemas/site`).
_INDEX: Final = re.compile(r"\b[A-Z2-7]{26}\b")
#: Cases of one host that are tried, should some not open.
_TRIED: Final = 5


async def rename_hosts(ctx: Context, anew: Keyring) -> int:
    """Publish the policy in force with its hosts named by the new indexes; return how many were.

    Doing it again changes nothing: what is named anew is no index of a case under the old key. What waits for a second
    person is named anew with it. Raise StoreUnavailable, Conflict.
    """
    rows = await ctx.store.rows(select(policies).order_by(policies.c.version.desc()).limit(1))
    waits = await ctx.store.rows(select(proposals).where(proposals.c.subject == POLICY))
    texts = [row["body"] for row in (*rows, *waits)]
    found = {one: await _renamed(ctx, anew, one) for text in texts for one in _INDEX.findall(text)}
    names = {old: new for old, new in found.items() if new is not None}
    if not names:
        return 0
    now, changes = ctx.now(), []
    for row in waits:
        values = {name: _with(names, row[name]) for name in ("base", "body") if row[name] is not None}
        changes.append(Change(proposals, {"subject": POLICY}, values, guard={"id": row["id"]}))
    body = _with(names, rows[0]["body"])
    if body == rows[0]["body"]:
        await ctx.store.commit(Transition(now, changes))
        return len(names)
    version, digest = rows[0]["version"] + 1, sha256(body.encode())
    row = {"version": version, "published_at": now, "by": "local", "digest": digest.digest(), "body": body}
    event = Event("policy.published", "local", detail={"version": version, "sha256": digest.hexdigest()})
    await ctx.store.commit(Transition(now, changes, adds=[Add(policies, row)], events=[event]))
    return len(names)


def _with(names: dict[str, str], text: str) -> str:
    return _INDEX.sub(lambda found: names.get(found.group(), found.group()), text)


async def _renamed(ctx: Context, anew: Keyring, index: str) -> str | None:
    """Return the new index of the host that an old one names; None where no case of it is kept, or opens."""
    first, _ = bounds(index)
    marks = [one + first for one in ctx.keyring.ids() if one not in anew.ids()]
    rows = await ctx.store.rows(select(cases).where(cases.c.host_bidx.in_(marks)).limit(_TRIED))
    for row in rows:
        try:
            opened = (await open_rows(ctx, [row])).get(row["id"])
        except Damaged:  # it was so before: `doctor`, and whoever opens it, say so
            get_log("intake").error("not_reindexed", of=row["id"])
            continue
        if opened is not None and opened.locator.host is not None:
            return written(anew.blind("host", opened.locator.host)[ID:])
    return None
