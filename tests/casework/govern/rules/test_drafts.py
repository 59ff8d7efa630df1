"""A drafted rule that an analyst hands in: it waits, it does not end by itself, and it passes every gate."""

import pytest

from router.casework.govern.proposals import pending
from router.casework.govern.rules.drafts import count, hand_in, listed, of_case, publish
from router.casework.govern.second_person import break_glass, confirm, end_what_is_over, withdraw
from router.errors import Conflict, NotAllowed, NotFound
from router.policy.load import load
from router.store.schema.tables import policies, proposals
from schemas.actor import Role
from schemas.proposal import LASTS
from tests.casebook import Casebook
from tests.casework.govern.rules.test_draft import HOST, overridden, wish
from tests.casework.govern.rules.test_versions import ruled, with_versions
from tests.governed import ANNA, BOB
from tests.office import person

__all__ = ["ruled", "with_versions"]
CLEO, DAN = person("cleo", Role.ANALYST), person("dan", Role.ANALYST)


async def test_an_analyst_drafts_a_supervisor_publishes_and_another_confirms(ruled: Casebook) -> None:
    case = await overridden(ruled)
    made = await hand_in(ruled.ctx, wish(case), CLEO)
    assert (await count(ruled.ctx), len(await ruled.rows(policies))) == (1, 1)
    with pytest.raises(NotAllowed):
        await confirm(ruled.ctx, f"rule:{case}", CLEO)
    assert (await confirm(ruled.ctx, f"rule:{case}", ANNA)).proposed == ("policy",)
    assert (await listed(ruled.ctx), await count(ruled.ctx)) == ([], 0)
    with pytest.raises(NotAllowed):
        await confirm(ruled.ctx, "policy", ANNA)
    assert (await confirm(ruled.ctx, "policy", BOB)).version == 2
    texts = [row["body"] for row in await ruled.rows(policies)]
    assert load(texts[1]) == load(made.text)


async def test_it_waits_until_somebody_answers_and_is_drafted_of_the_policy_in_force(ruled: Casebook) -> None:
    case = await overridden(ruled)
    await hand_in(ruled.ctx, wish(case), CLEO)
    ruled.later(hours=LASTS.total_seconds() / 3600 * 3)
    await end_what_is_over(ruled.ctx)
    (row,) = await pending(ruled.ctx)
    (waits,) = await listed(ruled.ctx)
    assert (waits.by, str(waits.wish.case), waits.wish.partner) == (CLEO.id, str(case), "hotline-ca")
    with pytest.raises(Conflict, match="meanwhile"):
        await publish(ruled.ctx, row, ANNA, over=7)
    assert await of_case(ruled.ctx, str(case)) == waits


async def test_its_author_or_a_supervisor_takes_it_back_and_nobody_else(ruled: Casebook) -> None:
    case = await overridden(ruled)
    for actor in (CLEO, ANNA):
        await hand_in(ruled.ctx, wish(case), CLEO)
        with pytest.raises(NotAllowed):
            await withdraw(ruled.ctx, f"rule:{case}", DAN)
        with pytest.raises(NotAllowed, match="break-glass"):
            await break_glass(ruled.ctx, f"rule:{case}", ANNA, "nobody can be reached")
        await withdraw(ruled.ctx, f"rule:{case}", actor)
        with pytest.raises(NotFound):
            await confirm(ruled.ctx, f"rule:{case}", ANNA)


async def test_it_names_no_host(ruled: Casebook) -> None:
    await hand_in(ruled.ctx, wish(await overridden(ruled)), CLEO)
    (row,) = await ruled.rows(proposals)
    assert HOST not in str(row)
