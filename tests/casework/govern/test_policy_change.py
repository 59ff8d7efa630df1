"""A bar is put in place by one and lifted by two; every other policy is in force as it is published."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.casework.govern.policy_change import publish
from router.casework.govern.second_person import confirm
from router.casework.govern.versions import newest_version
from router.errors import PolicyInvalid
from router.policy.load import load
from router.store.schema.tables import policies
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
