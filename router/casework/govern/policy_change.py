"""A policy published: in force at once, unless it widens where data go. To narrow that takes one person, to widen two.

The policy in force may ask for two for any other version too (`second_person_for`).
"""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, needs_two
from router.casework.govern.rules.literal_hosts import check_no_location
from router.casework.govern.subjects import in_force, policy_text
from router.casework.govern.versions import newest_directory, newest_version, publish_policy
from router.policy.load import load
from router.policy.widening import widened
from router.store.base import NOTHING, Transition, with_beside
from router.store.schema.partners import proposals
from router.store.schema.tables import policies
from schemas.actor import Actor
from schemas.governed import Published
from schemas.partner import Directory
from schemas.policy import Policy, PutInForceByTwo
from schemas.proposal import POLICY
from schemas.word import Country


async def publish(ctx: Context, text: str, actor: Actor, *, beside: Transition = NOTHING) -> Published:
    """Publish a policy, or propose one that widens where data go. Raise PolicyInvalid, Conflict.

    `beside` is committed with it, or not at all.
    """
    check_no_location(text)
    home = await ctx.policies.prove(text, await newest_directory(ctx.store), ctx.clock.now())
    over = await newest_version(ctx.store, policies)  # read first: what is narrowed after it is not widened
    if needs_two(actor) and _takes_two(await _judged(ctx), load(text)):
        waits = Proposed(POLICY, await in_force(ctx, POLICY), policy_text(text))
        await ctx.store.commit(with_beside(await adding(ctx, [waits], actor), beside))
        return Published(version=over, proposed=(POLICY,))

    async def proved(_text: str, _directory: Directory, _now: datetime) -> Country:
        return home

    version = await publish_policy(ctx.store, ctx.clock, text, actor, over=over, prover=proved, beside=beside)
    ctx.governance.forget()
    return Published(version=version)


def _takes_two(judged: Sequence[Policy], wanted: Policy) -> bool:
    """Tell whether another person has to confirm it."""
    every = any(one.second_person_for is PutInForceByTwo.EVERY for one in judged)
    return every or any(widened(one, wanted) for one in judged)


async def _judged(ctx: Context) -> list[Policy]:
    """Return what a new one is compared with: the policy in force, and the one before where it is so by break-glass."""
    broken = select(proposals.c.base).where(proposals.c.subject == POLICY, proposals.c.glass_by.is_not(None))
    judged = [await in_force(ctx, POLICY), *(row["base"] for row in await ctx.store.rows(broken))]
    return [load(orjson.loads(one)["text"]) for one in judged if one is not None]
