"""A policy published: in force at once, unless it lifts a bar. A bar put in place needs one person, one lifted two."""

from datetime import datetime

import orjson
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, needs_two
from router.casework.govern.rules.literal_hosts import check_no_location
from router.casework.govern.subjects import in_force, policy_text
from router.casework.govern.versions import newest_directory, newest_version, publish_policy
from router.policy.load import load
from router.store.schema.partners import proposals
from router.store.schema.tables import policies
from schemas.actor import Actor
from schemas.governed import Published
from schemas.partner import Directory
from schemas.proposal import POLICY
from schemas.word import Country


async def publish(ctx: Context, text: str, actor: Actor) -> Published:
    """Publish a policy, or propose one that lifts a bar. Raise PolicyInvalid (the one in force stays), Conflict."""
    check_no_location(text)
    home = await ctx.policies.prove(text, await newest_directory(ctx.store), ctx.clock.now())
    over = await newest_version(ctx.store, policies)  # read first: a bar that is put in place after it is not lifted
    if needs_two(actor) and await _barred(ctx) - load(text).barred.keys():
        waits = Proposed(POLICY, await in_force(ctx, POLICY), policy_text(text))
        await ctx.store.commit(await adding(ctx, [waits], actor))
        return Published(version=over, proposed=(POLICY,))

    async def proved(_text: str, _directory: Directory, _now: datetime) -> Country:
        return home

    return Published(version=await publish_policy(ctx.store, ctx.clock, text, actor, over=over, prover=proved))


async def _barred(ctx: Context) -> set[Country]:
    """Return who is barred: by the policy in force, and by the one before where a bar is lifted by break-glass."""
    broken = select(proposals.c.base).where(proposals.c.subject == POLICY, proposals.c.glass_by.is_not(None))
    judged = [await in_force(ctx, POLICY), *(row["base"] for row in await ctx.store.rows(broken))]
    return {country for one in judged if one is not None for country in load(orjson.loads(one)["text"]).barred}
