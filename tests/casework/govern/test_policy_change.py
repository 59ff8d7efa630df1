"""What widens where data go takes two, what narrows it one: bars, recipients, proposals that would leave."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.casework.alarm.ways import publish as set_ways
from router.casework.context import Context
from router.casework.govern import policy_change
from router.casework.govern.directory_change import put_in_force
from router.casework.govern.policy_change import publish
from router.casework.govern.second_person import break_glass, confirm, end_what_is_over, shown, withdraw
from router.casework.govern.subjects import in_force
from router.casework.govern.versions import newest_directory, newest_version
from router.clock import StoryClock
from router.errors import Conflict, PolicyInvalid
from router.policy.load import load
from router.store.schema.tables import policies
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings, Webhook
from schemas.policy import Policy
from schemas.proposal import GLASS_LASTS
from tests.governed import ANNA, BOB, SMALL, governed

COUNTRIES = ("RU", "CA", "DE")


def barring(countries: frozenset[str]) -> str:
    bars = "\n".join(f'{one} = "no basis"' for one in sorted(countries))
    return SMALL.replace("[[route]]", f"[barred]\n{bars}\n\n[[route]]", 1) if countries else SMALL


BARS = st.sets(st.sampled_from(COUNTRIES)).map(frozenset)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=BARS, wanted=BARS)
async def test_it_waits_if_and_only_if_it_lifts_a_bar(
    tmp_path_factory: pytest.TempPathFactory, before: frozenset[str], wanted: frozenset[str]
) -> None:
    async with governed(tmp_path_factory.mktemp("policy"), barring(before)) as ctx:
        done = await publish(ctx, barring(wanted), ANNA)
        assert bool(done.proposed) == bool(before - wanted)
        assert done.version == await newest_version(ctx.store, policies) == (1 if before - wanted else 2)
        if done.proposed:
            assert (await confirm(ctx, "policy", BOB)).version == 2
        _, policy = await ctx.governance.policy()
        assert policy.barred.keys() <= load(barring(before)).barred.keys() | wanted


async def test_one_that_fails_its_tests_is_not_even_proposed(tmp_path: Path) -> None:
    async with governed(tmp_path, barring(frozenset(COUNTRIES))) as ctx:
        with pytest.raises(PolicyInvalid):
            await publish(ctx, SMALL.replace('expect = ["hotline-nl"]', 'expect = ["police"]'), ANNA)


async def test_a_bar_put_in_place_meanwhile_is_not_lifted_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def then_barred(ctx: Context) -> list[Policy]:
        monkeypatch.undo()
        await publish(ctx, barring(frozenset({"RU", "CA"})), BOB)
        return [load(barring(frozenset({"RU"})))]

    async with governed(tmp_path, barring(frozenset({"RU"}))) as ctx:
        monkeypatch.setattr(policy_change, "_judged", then_barred)
        with pytest.raises(Conflict):
            await publish(ctx, barring(frozenset({"RU"})) + "\n# another\n", ANNA)
        assert "CA" in str(await in_force(ctx, "policy"))


async def test_a_lifted_bar_that_cannot_be_put_back_is_not_made_to_stay_by_that(tmp_path: Path) -> None:
    async with governed(tmp_path, barring(frozenset({"RU"}))) as ctx:
        ways = AlarmSettings(webhook=(Webhook(url="https://ring.example/a"),))
        await set_ways(ctx.store, ways, ctx.now(), ROUTER)
        await publish(ctx, SMALL.replace('to = ["police"]', 'to = ["desk"]'), ANNA)
        await break_glass(ctx, "policy", ANNA, "nobody else can be reached")
        directory = await newest_directory(ctx.store)
        kept = tuple(one for one in directory.partners if one.name != "police")
        await put_in_force(ctx, directory.model_copy(update={"partners": kept}), ANNA)
        assert isinstance(ctx.clock, StoryClock)
        ctx.clock.advance(GLASS_LASTS)
        await end_what_is_over(ctx)
        (view,) = await shown(ctx)
        assert view.in_force_by == ANNA.id
        with pytest.raises(PolicyInvalid):
            await withdraw(ctx, "policy", BOB)


TO_DESK = SMALL.replace('to = ["police"]', 'to = ["desk"]')


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [(SMALL, TO_DESK, False), (SMALL, SMALL + "\n# words\n", False), (TO_DESK, SMALL, True)],
)
async def test_a_recipient_added_waits_for_a_second_person(
    tmp_path: Path, before: str, after: str, waits: bool
) -> None:
    async with governed(tmp_path, before) as ctx:
        done = await publish(ctx, after, ANNA)
        assert bool(done.proposed) is waits


async def test_where_the_policy_says_so_every_version_waits(tmp_path: Path) -> None:
    every = SMALL.replace('home = "BE"', 'home = "BE"\nsecond_person_for = "every"')
    async with governed(tmp_path, every) as ctx:
        done = await publish(ctx, every + "\n# words\n", ANNA)
        assert done.proposed == ("policy",)
        assert (await publish(ctx, SMALL, ANNA)).proposed == ("policy",)  # nor is that taken back by one
