"""The versions of the policy: listed with who said yes, compared in words, and an older one published again.

To roll back is to publish: the text of an older version becomes the newest one, by the very gates of any other text.
"""

from typing import Any, Final

from sqlalchemy import func, select

from router.casework.context import Context
from router.casework.govern import policy_change
from router.casework.govern.versions import newest_version
from router.clock import moment
from router.errors import Conflict, NotFound, PolicyInvalid
from router.policy.compare import compared, lines
from router.policy.load import load
from router.store.base import Row
from router.store.schema.tables import policies
from schemas.actor import Actor
from schemas.governed import Published
from schemas.policy import Policy
from schemas.policy_version import ComparedView, VersionsView, VersionView

_NONE: Final = "There is no version {number} of the policy; `policy versions` lists them."
_MOVED: Final = "Another version of the policy is in force meanwhile; look at what rolling back changes of that one."
_SAME: Final = "Version {number} says the very same as the one in force; there is nothing to roll back."


async def listed(ctx: Context, limit: int, cursor: int | None = None) -> VersionsView:
    """Return a page of versions, newest first; `cursor` is the last one of the page before."""
    newest = await newest_version(ctx.store, policies)
    older = policies.alias("older")
    same = select(func.max(older.c.version)).where(
        older.c.digest == policies.c.digest, older.c.version < policies.c.version
    )
    kept = [one for one in policies.c if one.name not in {"body", "digest"}]
    wanted = select(*kept, same.scalar_subquery().label("same_as")).order_by(policies.c.version.desc())
    if cursor is not None:
        wanted = wanted.where(policies.c.version < cursor)
    rows = await ctx.store.rows(wanted.limit(limit + 1))
    total = await ctx.store.rows(select(func.count().label("total")).select_from(policies))
    page = rows[:limit]
    return VersionsView(
        items=tuple(_view(row, newest) for row in page),
        total=int(total[0]["total"]),
        next=str(page[-1]["version"]) if len(rows) > limit else None,
    )


async def text_of(ctx: Context, version: int) -> str:
    """Return the text of a version as it was published. Raise NotFound."""
    rows = await ctx.store.rows(select(policies.c.body).where(policies.c.version == version))
    if not rows:
        raise NotFound(_NONE.format(number=version))
    return str(rows[0]["body"])


async def compare(ctx: Context, of: int, to: int) -> ComparedView:
    """Return what version `to` changes of version `of`. Raise NotFound."""
    before, after = [await text_of(ctx, one) for one in (of, to)]
    old, new = _read(before), _read(after)
    if old is None or new is None:
        unread = tuple(number for number, policy in ((of, old), (to, new)) if policy is None)
        return ComparedView(of=of, to=to, unread=unread, text=lines(before, after))
    return compared(of, to, old, new).model_copy(update={"text": lines(before, after)})


async def roll_back(ctx: Context, version: int, over: int, actor: Actor) -> Published:
    """Publish the text of an older version again, `over` the version in force that was looked at.

    Raise NotFound, Conflict (another is in force, or it says the same), PolicyInvalid (today's gates refuse it).
    """
    text, newest = await text_of(ctx, version), await newest_version(ctx.store, policies)
    if over != newest:
        raise Conflict(_MOVED, reason="changed_meanwhile")
    if text == await text_of(ctx, newest):
        raise Conflict(_SAME.format(number=version), reason="not_now")
    return await policy_change.publish(ctx, text, actor)


def _read(text: str) -> Policy | None:
    """Return a policy as today's rules read it; None for one of an older program that they refuse."""
    try:
        return load(text)
    except PolicyInvalid:
        return None


def _view(row: Row, newest: int) -> VersionView:
    given: dict[str, Any] = {name: row[name] for name in ("version", "by", "proposed_by", "confirmed_by", "same_as")}
    return VersionView(**given, at=moment(row["published_at"]), in_force=row["version"] == newest)
