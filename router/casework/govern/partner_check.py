"""`partners check`: reach each partner without sending anything about a case, and remember the day it answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from router.casework.believed import heard
from router.casework.context import Context
from router.casework.deliver.partner_state import standing, tried
from router.casework.govern.pause import end_pause
from router.casework.govern.versions import import_directory, newest_directory
from router.casework.intake.hub_state import inbox_state
from router.delivery import ask
from router.errors import BadInput, NotFound
from router.partners.base import CheckResult, Reason
from router.store.base import Event, Transition
from schemas.actor import Actor
from schemas.partner import Directory, Partner


@dataclass(frozen=True, slots=True)
class PartnerChecked:
    """What the check of one partner found."""

    partner: str
    ok: bool
    text: str


async def check_partners(ctx: Context, actor: Actor, name: str | None = None) -> list[PartnerChecked]:
    """Check one partner, or all that are enabled, and keep the day on which each was reached.

    A policy's `has_hotline` asks for that day, so a partner that was never reached gets no referral by that rule. One
    that cannot be reached now keeps its earlier day; one that is reached is paused no longer. Raise NotFound,
    Conflict.
    """
    directory = await newest_directory(ctx.store)
    results = {partner.name: await _check(ctx, partner) for partner in _wanted(directory, name)}
    reached = {name for name, result in results.items() if result.ok}
    # Reaching partners takes a while: the day is put on what is in force by now.
    latest = await newest_directory(ctx.store)
    dated = _dated(latest, reached, ctx.clock.now().date())
    if dated != latest:
        await import_directory(ctx.store, ctx.clock, dated, actor, over=latest.version)
        ctx.governance.forget()
    for one in sorted(reached):  # whoever answers is called again, whatever paused it
        await end_pause(ctx, one, actor)
    return [
        PartnerChecked(partner, result.ok, " ".join(filter(None, (result.text, await inbox_state(ctx, partner)))))
        for partner, result in results.items()
    ]


async def rehearse(ctx: Context, actor: Actor, name: str | None) -> PartnerChecked:
    """Send a partner something about no case, by which it shows that it can read us. Raise NotFound.

    Nothing is sent, and nothing noted as sent, where its system has no word for a test: it would take it for real.
    """
    (partner,) = _wanted(await newest_directory(ctx.store), name or "")
    dialect = ctx.dialects.get(partner.dialect)
    found = await _check(ctx, partner) if dialect is None else await ask.rehearse(dialect, partner)
    if not knows_a_test(ctx, partner):
        return PartnerChecked(partner.name, found.ok, found.text)
    event = Event("partner.rehearsed", actor.id, detail={"partner": partner.name})
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    return PartnerChecked(partner.name, found.ok, found.text)


def knows_a_test(ctx: Context, partner: Partner) -> bool:
    """Tell whether a partner can be sent something that is no case; no where its settings cannot be used."""
    dialect = ctx.dialects.get(partner.dialect)
    try:
        return dialect is not None and dialect.knows_a_test(partner)
    except BadInput:
        return False


def _wanted(directory: Directory, name: str | None) -> Iterable[Partner]:
    if name is None:
        return [partner for partner in directory.partners if partner.enabled]
    partner = directory.named(name)
    if partner is None:
        raise NotFound("There is no partner of this name; see `partners list`.", field="partner")
    return [partner]


async def _check(ctx: Context, partner: Partner) -> CheckResult:
    dialect = ctx.dialects.get(partner.dialect)
    if dialect is None:
        known = ", ".join(sorted(ctx.dialects))
        text = f"There is no dialect named {partner.dialect}; known are {known}."
        return CheckResult(ok=False, text=text, reason=Reason.MISCONFIGURED)
    found = await ask.check(dialect, partner)
    ahead = dialect.clock_ahead(partner.name)
    await tried(ctx, await standing(ctx, partner.name), [], ahead, answered=found.ok)
    if found.ok:
        await heard(ctx, ahead)
    return found


def _dated(directory: Directory, reached: set[str], today: date) -> Directory:
    partners = (
        partner.model_copy(update={"checked_on": today}) if partner.name in reached else partner
        for partner in directory.partners
    )
    return directory.model_copy(update={"partners": tuple(partners)})
