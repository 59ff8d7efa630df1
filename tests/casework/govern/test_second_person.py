"""What widens where data go: proposed by one, confirmed by another, taken back by anybody, ended by time.

And break-glass: in force at once by one, heard, and undone after a day.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.alarm.ways import in_force as receivers
from router.casework.alarm.ways import publish as set_ways
from router.casework.context import Context
from router.casework.govern import policy_change, proposals, second_person
from router.casework.govern.alarm_change import put_alarm
from router.casework.govern.directory_change import put_in_force, put_partner, switch
from router.casework.govern.proposals import Proposed
from router.casework.govern.second_person import break_glass, confirm, end_what_is_over, shown, withdraw
from router.casework.govern.subjects import in_force
from router.casework.govern.versions import newest_directory
from router.casework.people import accounts, tokens
from router.clock import StoryClock
from router.errors import Conflict, NotAllowed, NotFound, RouterError
from router.store.schema.tables import alarms, audit
from schemas.actor import ROUTER, Actor, Role, person
from schemas.alarm import AlarmSettings, HouseCode, Webhook
from schemas.partner import Agreement, Directory, Partner
from schemas.proposal import GLASS_LASTS, LASTS
from tests.governed import ANNA, BOB, SMALL, governed
from tests.office import person as staff

NL, SUBJECT = "hotline-nl", "partner:hotline-nl"
BARRED = SMALL.replace("[[route]]", '[barred]\nRU = "no basis"\n\n[[route]]', 1)
RECEIVERS = AlarmSettings(webhook=(Webhook(url="https://ring.example/a"),))
ALONE = Actor(id="local:root", permissions=frozenset({"partner:write", "policy:write"}), alone=True)


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path, BARRED) as ctx:
        await set_ways(ctx.store, RECEIVERS, ctx.now(), ROUTER)
        yield ctx


async def partner(ctx: Context, **more: Any) -> Partner:
    found = (await newest_directory(ctx.store)).named(NL)
    assert found is not None
    return found.model_copy(update=more)


async def moved(ctx: Context, actor: Actor) -> Any:
    return await put_partner(ctx, await partner(ctx, config={"answers": False}), actor)


async def dated(ctx: Context, actor: Actor) -> Any:
    return await put_partner(ctx, await partner(ctx, countries=("NL", "DE")), actor)


async def networked(ctx: Context, actor: Actor) -> Any:
    return await put_partner(ctx, await partner(ctx, networks=("10.20.0.0/16",)), actor)


async def added(ctx: Context, actor: Actor) -> Any:
    one = (await partner(ctx)).model_copy(update={"name": "another", "default": False})
    return await put_partner(ctx, one, actor)


async def enabled(ctx: Context, actor: Actor) -> Any:
    await switch(ctx, NL, ALONE, "off first", enabled=False)
    return await switch(ctx, NL, actor, "they are back", enabled=True)


async def territory(ctx: Context, actor: Actor) -> Any:
    directory = await newest_directory(ctx.store)
    return await put_in_force(ctx, directory.model_copy(update={"territories": {"GL": "NL"}}), actor)


async def rung(ctx: Context, actor: Actor) -> Any:
    return await put_alarm(ctx, AlarmSettings(webhook=(Webhook(url="https://elsewhere.example/"),)), actor)


async def unbarred(ctx: Context, actor: Actor) -> Any:
    return await policy_change.publish(ctx, SMALL, actor)


KINDS = {
    "a partner's settings": moved,
    "a partner's countries": dated,
    "a private network": networked,
    "a partner added": added,
    "a partner enabled": enabled,
    "a territory": territory,
    "an alarm's receiver": rung,
    "a bar lifted": unbarred,
}
MAY_CHANGE = (Role.SUPERVISOR, Role.ADMINISTRATOR)


async def everything(ctx: Context) -> tuple[Any, ...]:
    directory = await newest_directory(ctx.store)
    entries = sorted(one.model_dump_json(exclude={"disabled_reason"}) for one in directory.partners)
    return entries, directory.territories, await in_force(ctx, "alarm"), await in_force(ctx, "policy")


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_in_force_before_another_person_confirmed_it(ctx: Context, kind: str) -> None:
    done = await KINDS[kind](ctx, ANNA)
    before = await everything(ctx)
    (subject,) = done.proposed
    (view,) = await shown(ctx)
    assert (view.subject, view.by, view.outdated) == (subject, ANNA.id, False)
    assert view.changes
    with pytest.raises(NotAllowed, match="ask another person"):
        await confirm(ctx, subject, ANNA)
    assert await everything(ctx) == before
    await confirm(ctx, subject, BOB, view.id)
    assert await everything(ctx) != before
    assert await shown(ctx) == []
    said = [(row["act"], row["actor"]) for row in await ctx.store.rows(select(audit).order_by(audit.c.seq))]
    assert ("change.proposed", ANNA.id) in said
    assert ("change.confirmed", BOB.id) in said


def hands(name: str, role: Role) -> dict[str, Actor]:
    """Everyone who could be the second person of `name`: of every role, by their own hand, by a lent token, at all."""
    own = staff(name, role)
    lent = person(name, role, own.permissions, "person:root")
    return {
        "themselves": own,
        "themselves, by a token of another": lent,
        "another": staff("other", role),
        "another, by a token of the first": person("other", role, own.permissions, f"person:{name}"),
        "whose account the first made": staff("made", role),
        "to whom the first gave the role": staff("raised", role),
        "who made the first's account": staff("maker", role),
        "the machine": Actor(id="local:root", permissions=own.permissions),
        "the machine, alone": ALONE.model_copy(update={"permissions": own.permissions}),
    }


@pytest.mark.parametrize(("kind", "role"), list(product(KINDS, Role)))
async def test_only_another_person_by_their_own_hand_is_a_second_one(ctx: Context, kind: str, role: Role) -> None:
    """Role x who proposed x who confirms x what: the one door there is, and no other."""
    first = staff("first", Role.SUPERVISOR)
    await tokens.add_account(ctx, "first", Role.SUPERVISOR, staff("maker", Role.ADMINISTRATOR))
    await tokens.add_account(ctx, "made", role, first)
    await tokens.add_account(ctx, "raised", Role.VIEWER if role is not Role.VIEWER else Role.ANALYST, ROUTER)
    await accounts.change_role(ctx, "raised", role, first)
    (subject,) = (await KINDS[kind](ctx, first)).proposed
    before = await everything(ctx)
    known = hands("first", role)
    another = known.pop("another")
    for actor in known.values():
        with pytest.raises(NotAllowed):
            await confirm(ctx, subject, actor)
    assert await everything(ctx) == before
    if role not in MAY_CHANGE or (kind == "a bar lifted" and role is Role.ADMINISTRATOR):  # who holds no policy:write
        with pytest.raises(NotAllowed):
            await confirm(ctx, subject, another)
        assert await everything(ctx) == before
        return
    await confirm(ctx, subject, another)
    assert await everything(ctx) != before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lent", [True, False])
async def test_who_cannot_be_told_apart_from_others_proposes_nothing(ctx: Context, kind: str, lent: bool) -> None:
    actor = person("anna", Role.SUPERVISOR, ANNA.permissions, "local:root")
    machine = Actor(id="local:root", permissions=ANNA.permissions)
    if kind == "a partner enabled":
        await switch(ctx, NL, ALONE, "off first", enabled=False)
    before = await everything(ctx)
    with pytest.raises(NotAllowed, match="own hand" if lent else "two people"):
        await KINDS[kind](ctx, actor if lent else machine)
    assert (await everything(ctx))[2:] == before[2:]
    assert await shown(ctx) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_at_the_machine_while_nobody_serves_one_is_enough_and_is_named(ctx: Context, kind: str) -> None:
    before = await everything(ctx)
    done = await KINDS[kind](ctx, ALONE)
    assert done.proposed == ()
    assert kind == "a partner enabled" or await everything(ctx) != before
    (last, *_) = await ctx.store.rows(select(audit).order_by(audit.c.seq.desc()))
    assert last["actor"] == ALONE.id


async def test_what_narrows_is_in_force_at_once_and_the_rest_of_the_same_change_waits(ctx: Context) -> None:
    until = (await partner(ctx)).model_copy(
        update={"countries": ("NL", "DE"), "agreement": Agreement(until=ctx.clock.now().date())}
    )
    done = await put_partner(ctx, until, ANNA)
    now = await partner(ctx)
    assert (now.countries, now.agreement.until) == (("NL",), ctx.clock.now().date())
    (view,) = await shown(ctx)
    assert [(one.field, one.was, one.becomes) for one in view.changes] == [("countries", '["NL"]', '["NL","DE"]')]
    await confirm(ctx, *done.proposed, BOB)
    assert (await partner(ctx)).countries == ("NL", "DE")


async def test_a_bar_is_put_in_place_by_one(ctx: Context) -> None:
    more = BARRED.replace("[barred]", '[barred]\nRS = "no basis"')
    assert (await policy_change.publish(ctx, more, ANNA)).proposed == ()


async def test_a_newer_proposal_takes_the_place_of_an_older_one_by_name(ctx: Context) -> None:
    await moved(ctx, ANNA)
    (older,) = await shown(ctx)
    await dated(ctx, BOB)
    (newer,) = await shown(ctx)
    assert (newer.by, [one.field for one in newer.changes]) == (BOB.id, ["countries"])
    with pytest.raises(Conflict, match="Another change of partner:hotline-nl was proposed meanwhile, by person:bob"):
        await confirm(ctx, SUBJECT, ANNA, older.id)
    with pytest.raises(NotAllowed):
        await confirm(ctx, SUBJECT, BOB, newer.id)
    await confirm(ctx, SUBJECT, ANNA, newer.id)
    assert (await partner(ctx)).config == {}


async def test_several_changes_of_one_partner_end_with_enabling_it(ctx: Context) -> None:
    await switch(ctx, NL, ANNA, "they move", enabled=False)
    await moved(ctx, ANNA)
    await switch(ctx, NL, ANNA, "they are back", enabled=True)
    (view,) = await shown(ctx)
    assert {one.field for one in view.changes} == {"config.answers", "disabled_reason", "enabled"}


async def test_what_changed_meanwhile_is_not_confirmed(ctx: Context) -> None:
    await moved(ctx, ANNA)
    await switch(ctx, NL, BOB, "they move", enabled=False)
    (view,) = await shown(ctx)
    assert view.outdated
    with pytest.raises(Conflict, match="partner:hotline-nl changed after this was proposed"):
        await confirm(ctx, SUBJECT, BOB)
    assert not (await partner(ctx)).enabled


async def test_one_is_enough_to_take_it_back(ctx: Context) -> None:
    before = await everything(ctx)
    await moved(ctx, ANNA)
    await withdraw(ctx, SUBJECT, BOB)
    assert await shown(ctx) == []
    with pytest.raises(NotFound):
        await confirm(ctx, SUBJECT, BOB)
    assert await everything(ctx) == before


async def test_it_ends_by_itself(ctx: Context) -> None:
    await moved(ctx, ANNA)
    later(ctx, LASTS)
    with pytest.raises(NotFound):
        await confirm(ctx, SUBJECT, BOB)
    await end_what_is_over(ctx)
    (last, *_) = await ctx.store.rows(select(audit).order_by(audit.c.seq.desc()))
    assert (last["act"], last["actor"]) == ("change.expired", "router")


def later(ctx: Context, by: timedelta) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(by)


GLASS = [kind for kind in KINDS if kind != "an alarm's receiver"]


@pytest.mark.parametrize("kind", GLASS)
async def test_a_broken_glass_rings_and_is_undone_after_a_day(ctx: Context, kind: str) -> None:
    done = await KINDS[kind](ctx, ANNA)
    (subject,) = done.proposed
    before = await everything(ctx)
    await break_glass(ctx, subject, ANNA, "nobody else can be reached")
    assert await everything(ctx) != before
    (alarm,) = await ctx.store.rows(select(alarms))
    assert (alarm["code"], alarm["next_at"]) == (HouseCode.GLASS, ctx.now())
    (view,) = await shown(ctx)
    assert (view.in_force_by, view.outdated, view.reason) == (ANNA.id, False, "nobody else can be reached")
    later(ctx, GLASS_LASTS - timedelta(seconds=1))
    await end_what_is_over(ctx)
    assert await everything(ctx) != before
    later(ctx, timedelta(seconds=1))
    await end_what_is_over(ctx)
    assert await everything(ctx) == before
    assert await shown(ctx) == []
    acts = [row["act"] for row in await ctx.store.rows(select(audit).order_by(audit.c.seq))]
    assert acts.index("glass.broken") < acts.index("glass.undone")


@pytest.mark.parametrize("kind", GLASS)
async def test_a_second_person_makes_it_stay(ctx: Context, kind: str) -> None:
    (subject,) = (await KINDS[kind](ctx, ANNA)).proposed
    await break_glass(ctx, subject, ANNA, "nobody else can be reached")
    glass = await everything(ctx)
    with pytest.raises(NotAllowed):
        await confirm(ctx, subject, ANNA)
    await confirm(ctx, subject, BOB)
    later(ctx, GLASS_LASTS * 2)
    await end_what_is_over(ctx)
    assert await everything(ctx) == glass


async def test_who_broke_the_glass_of_anothers_proposal_does_not_confirm_it(ctx: Context) -> None:
    await moved(ctx, ANNA)
    await break_glass(ctx, SUBJECT, BOB, "nobody else can be reached")
    for one in (ANNA, BOB):
        with pytest.raises(NotAllowed):
            await confirm(ctx, SUBJECT, one)


async def test_what_narrowed_meanwhile_stays_narrow(ctx: Context) -> None:
    await moved(ctx, ANNA)
    await break_glass(ctx, SUBJECT, ANNA, "nobody else can be reached")
    await switch(ctx, NL, BOB, "we trust it no more", enabled=False)
    with pytest.raises(Conflict, match="by break-glass; confirm or withdraw it first"):
        await dated(ctx, BOB)
    await withdraw(ctx, SUBJECT, BOB)
    now = await partner(ctx)
    assert (now.enabled, now.config) == (False, {})


async def test_a_bar_lifted_by_break_glass_is_not_kept_lifted_by_publishing_again(ctx: Context) -> None:
    await unbarred(ctx, ANNA)
    await break_glass(ctx, "policy", ANNA, "nobody else can be reached")
    with pytest.raises(Conflict, match="break-glass"):
        await policy_change.publish(ctx, SMALL + "\n# another\n", ANNA)
    assert (await policy_change.publish(ctx, BARRED + "\n# another\n", ANNA)).proposed == ()
    later(ctx, GLASS_LASTS)
    await end_what_is_over(ctx)
    assert "# another" in str(await in_force(ctx, "policy"))
    assert await shown(ctx) == []


async def test_what_nobody_would_hear_is_not_broken(ctx: Context) -> None:
    await moved(ctx, ANNA)
    await rung(ctx, ANNA)
    with pytest.raises(NotAllowed, match="has to be heard"):
        await break_glass(ctx, "alarm", ANNA, "nobody else can be reached")
    with pytest.raises(RouterError, match="reason"):
        await break_glass(ctx, SUBJECT, ANNA, " ")
    await set_ways(ctx.store, AlarmSettings(), ctx.now(), ROUTER)
    with pytest.raises(Conflict, match="Nobody would hear it"):
        await break_glass(ctx, SUBJECT, ANNA, "nobody else can be reached")
    assert (await receivers(ctx.store)).webhook == ()
    assert (await partner(ctx)).config == {}


async def test_a_partner_that_the_policy_came_to_name_stays_and_gets_nothing(ctx: Context) -> None:
    (subject,) = (await added(ctx, ANNA)).proposed
    await break_glass(ctx, subject, ANNA, "nobody else can be reached")
    named = BARRED.replace('to = ["police"]', 'to = ["another"]')
    await policy_change.publish(ctx, named, ANNA)
    await confirm(ctx, "policy", BOB)
    later(ctx, GLASS_LASTS)
    await end_what_is_over(ctx)
    found: Directory = await newest_directory(ctx.store)
    left = found.named("another")
    assert left is not None
    assert not left.enabled
    assert await shown(ctx) == []


async def test_no_race_leaves_what_one_alone_put_in_force_without_what_undoes_it(ctx: Context) -> None:
    await moved(ctx, ANNA)
    (row,) = await proposals.pending(ctx)
    newer = await proposals.adding(ctx, [Proposed(SUBJECT, row["base"], row["body"])], ANNA)
    await break_glass(ctx, SUBJECT, ANNA, "nobody else can be reached")
    with pytest.raises(Conflict):
        await ctx.store.commit(newer)
    with pytest.raises(Conflict):
        await proposals.withdraw(ctx, row, ANNA)
    later(ctx, GLASS_LASTS)
    await end_what_is_over(ctx)
    assert (await partner(ctx)).config == {}


async def test_what_was_narrowed_in_the_moment_of_the_second_yes_stays_narrowed(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moved(ctx, ANNA)

    async def then_cut_off(ctx: Context, subject: str) -> str | None:
        found = await in_force(ctx, subject)
        monkeypatch.undo()
        await switch(ctx, NL, ANNA, "it leaks", enabled=False)
        return found

    monkeypatch.setattr(second_person, "in_force", then_cut_off)
    with pytest.raises(Conflict):
        await confirm(ctx, SUBJECT, BOB)
    assert not (await partner(ctx)).enabled
