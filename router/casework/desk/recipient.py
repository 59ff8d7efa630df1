"""Whom a person may choose: a partner by name, or a country's partner; never one the law or the directory rules out."""

from router.casework.believed import today
from router.casework.context import Context
from router.casework.decide.facts import bare
from router.casework.referral.row import STAFF
from router.errors import BadInput
from router.policy.recipients import may_receive, serving
from router.store.base import Row
from schemas.actor import Actor
from schemas.decision import Decision, Recipient
from schemas.partner import Directory, Partner


async def chosen_by_staff(
    ctx: Context, case: Row, actor: Actor, partner: str | None, country: str | None
) -> tuple[Recipient, Decision]:
    """Return the recipient a person named, and the decision that says so. Raise BadInput with what to do instead."""
    directory = await ctx.governance.directory()
    version, _ = await ctx.governance.policy()
    found = _named(directory, partner, country)
    await check_may_receive(ctx, case, found.name)
    recipient = Recipient(partner=found.name, route=STAFF)
    assigned = country or (found.countries[0] if len(found.countries) == 1 else None)
    decision = Decision(policy_version=version, recipients=(recipient,), assigned_country=assigned, by=actor.id)
    return recipient, decision


async def check_may_receive(ctx: Context, case: Row, partner: str) -> None:
    """Raise BadInput when the law, the agreement or the partner's settings rule a chosen partner out."""
    found = (await ctx.governance.directory()).named(partner)
    if found is None:
        raise BadInput("There is no partner of this name; see `partners list`.", field="partner")
    _, policy = await ctx.governance.policy()
    barred = may_receive(found, bare(case), policy, await today(ctx))
    if barred is not None:
        raise BadInput(barred.text, field="partner", reason=barred.code)


def _named(directory: Directory, partner: str | None, country: str | None) -> Partner:
    if (partner is None) == (country is None):
        raise BadInput("Name either a partner or a country.", field="partner")
    if partner is not None:
        found = directory.named(partner)
        if found is None:
            raise BadInput("There is no partner of this name; see `partners list`.", field="partner")
        return found
    assert country is not None
    found = serving(directory, country)
    if found is None:
        raise BadInput("No partner serves this country; choose a partner by name.", field="country")
    return found
