"""What may be proposed, one by one: how it is in force now, as JSON, and how another of it is put in force."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import select

from router.casework.alarm import ways
from router.casework.context import Context
from router.casework.govern import embargoes
from router.casework.govern.paused import in_force as paused_in_force
from router.casework.govern.paused import released
from router.casework.govern.status_hook import UNVERSIONED, as_body, hook_of, named, put_hook
from router.casework.govern.trail import order
from router.casework.govern.versions import (
    ALONE,
    Yes,
    import_directory,
    newest_directory,
    newest_version,
    publish_policy,
)
from router.store.base import Transition
from router.store.schema.tables import alarm_ways, directories, policies
from schemas.actor import Actor
from schemas.alarm import AlarmSettings
from schemas.embargo import EMBARGO
from schemas.partner import Directory, Partner
from schemas.proposal import ALARM, PARTNER, POLICY, RELEASE, RULE, SOURCE, TERRITORIES
from schemas.trail import TRAIL

#: When it was last reached is no part of an entry: the router writes that by itself.
_NOT_OURS: Final = frozenset({"checked_on"})


class _Once(NamedTuple):
    """What is in force once, and then over: it has no versions."""

    in_force: Callable[[Context, str], Awaitable[str | None]]
    put: Callable[[Context, str, str | None, Actor, Transition], Awaitable[int]]


#: By what their subjects begin with.
_ONCE: Final[Mapping[str, _Once]] = {
    RELEASE: _Once(lambda ctx, _: paused_in_force(ctx.store), lambda ctx, _, __, by, beside: released(ctx, by, beside)),
    EMBARGO: _Once(embargoes.in_force, embargoes.put),
    TRAIL: _Once(order.in_force, lambda ctx, subject, _, by, beside: order.put(ctx, subject, by, beside)),
}


def _once(subject: str) -> _Once | None:
    return next((kind for begin, kind in _ONCE.items() if subject.startswith(begin)), None)


def entry(partner: Partner) -> str:
    """Return a partner as JSON, by which it is known whether its entry is what it was."""
    return partner.model_dump_json(exclude=set(_NOT_OURS))


def territories(directory: Directory) -> str:
    """Return who serves which territory, as JSON."""
    served = {"territories": directory.territories, "assumed": directory.assumed}
    return orjson.dumps(served, option=orjson.OPT_SORT_KEYS).decode()


def policy_text(text: str) -> str:
    """Return a policy as JSON."""
    return orjson.dumps({"text": text}).decode()


async def in_force(ctx: Context, subject: str) -> str | None:
    """Return what is in force of a subject now, as JSON; None for nothing."""
    if subject.startswith(RULE):
        return None  # drafted anew from its case whenever somebody looks: of the policy in force
    if (once := _once(subject)) is not None:
        return await once.in_force(ctx, subject)
    if subject == ALARM:
        return (await ways.in_force(ctx.store)).model_dump_json()
    if subject == POLICY:
        rows = await ctx.store.rows(select(policies.c.body).order_by(policies.c.version.desc()).limit(1))
        return policy_text(rows[0]["body"]) if rows else None
    if subject.startswith(SOURCE):
        row = await named(ctx, subject.removeprefix(SOURCE))
        return as_body(row, hook_of(row))
    return _of_directory(await newest_directory(ctx.store), subject)


def _of_directory(directory: Directory, subject: str) -> str | None:
    if subject == TERRITORIES:
        return territories(directory)
    found = directory.named(subject.removeprefix(PARTNER))
    return None if found is None else entry(found)


async def version(ctx: Context, subject: str) -> int:
    """Return the version in force of what a subject belongs to; `UNVERSIONED` for a source."""
    if _once(subject) is not None:
        return 0
    if subject.startswith(SOURCE):
        return UNVERSIONED
    table = {ALARM: alarm_ways, POLICY: policies}.get(subject, directories)
    return await newest_version(ctx.store, table)


async def put(
    ctx: Context, subject: str, body: str | None, actor: Actor, beside: Transition, *, over: int, yes: Yes = ALONE
) -> int:
    """Put a subject in force as JSON says, `beside` in the same commit; None takes a partner out. Return the version.

    A version of the policy keeps who said `yes`. `over` is the version that the caller looked at; another one in force
    meanwhile is a Conflict. Raise as `import_directory`, `publish_policy`, and Conflict.
    """
    if (once := _once(subject)) is not None:
        return await once.put(ctx, subject, body, actor, beside)
    if subject == ALARM:
        settings = AlarmSettings.model_validate_json(body or "{}")
        return await ways.publish(ctx.store, settings, ctx.now(), actor, over=over, beside=beside)
    if subject == POLICY:
        text = orjson.loads(body or "{}")["text"]
        prover = ctx.policies.prove
        version = await publish_policy(
            ctx.store, ctx.clock, text, actor, over=over, prover=prover, beside=beside, yes=yes
        )
        ctx.governance.forget()
        return version
    if subject.startswith(SOURCE):
        return await put_hook(ctx, subject.removeprefix(SOURCE), body, actor, beside)
    before = await newest_directory(ctx.store)
    after = _with_territories(before, body) if subject == TERRITORIES else _with_partner(before, subject, body)
    version = await import_directory(ctx.store, ctx.clock, after, actor, over=over, beside=beside)
    ctx.governance.forget()
    return version


def _with_territories(directory: Directory, body: str | None) -> Directory:
    said: dict[str, Any] = orjson.loads(body or "{}")
    return directory.model_copy(update={name: said.get(name, {}) for name in ("territories", "assumed")})


def _with_partner(directory: Directory, subject: str, body: str | None) -> Directory:
    name = subject.removeprefix(PARTNER)
    others = tuple(one for one in directory.partners if one.name != name)
    if body is None:
        return directory.model_copy(update={"partners": others})
    known = directory.named(name)
    partner = Partner.model_validate_json(body).model_copy(
        update={"checked_on": None if known is None else known.checked_on}
    )
    return directory.model_copy(update={"partners": (*others, partner)})
