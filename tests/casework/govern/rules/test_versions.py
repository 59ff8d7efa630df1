"""Versions of the policy: who said yes to each, what differs, and that to roll back goes through every gate."""

from dataclasses import replace
from datetime import datetime

import pytest

from router.casework.alarm.ways import publish as set_ways
from router.casework.govern import second_person
from router.casework.govern.policy_change import publish
from router.casework.govern.rules.versions import compare, listed, roll_back, text_of
from router.casework.govern.versions import prove_here
from router.casework.policy_process import PolicyProcess
from router.errors import Conflict, NotAllowed, NotFound, PolicyInvalid
from router.store.base import Change, Transition
from router.store.schema.tables import policies
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings, Webhook
from schemas.partner import Directory
from schemas.word import Country
from tests.casebook import Casebook
from tests.casework.govern.rules.test_draft import TEXT
from tests.casework.govern.rules.test_draft import ruled as with_versions
from tests.governed import ANNA, BOB

NARROW = TEXT.replace(
    'to = ["hotline:hosting_country"]\n', 'to = ["hotline:hosting_country"]\nmode = "propose"\n'
).replace('expect = ["hotline-nl"]', 'expect = ["desk"]\npropose = ["hotline-nl"]')


__all__ = ["with_versions"]


class Here(PolicyProcess):
    """Proves in this process: what another one costs is the test of the process itself."""

    async def prove(self, text: str, directory: Directory, now: datetime) -> Country:
        return await prove_here(text, directory, now)


@pytest.fixture
def ruled(with_versions: Casebook) -> Casebook:
    with_versions.ctx = replace(with_versions.ctx, policies=Here())
    return with_versions


async def said(book: Casebook) -> list[tuple[int, str, str | None, str | None, int | None]]:
    found = await listed(book.ctx, 10)
    return [(one.version, one.by, one.proposed_by, one.confirmed_by, one.same_as) for one in found.items]


async def test_to_narrow_takes_one_and_to_roll_that_back_takes_two(ruled: Casebook) -> None:
    assert (await publish(ruled.ctx, NARROW, ANNA)).version == 2
    done = await roll_back(ruled.ctx, 1, 2, ANNA)
    assert (done.version, done.proposed) == (2, ("policy",))
    with pytest.raises(NotAllowed):
        await second_person.confirm(ruled.ctx, "policy", ANNA)
    await second_person.confirm(ruled.ctx, "policy", BOB)
    assert await said(ruled) == [
        (3, BOB.id, ANNA.id, BOB.id, 1),
        (2, ANNA.id, None, None, None),
        (1, ROUTER.id, None, None, None),
    ]
    assert await text_of(ruled.ctx, 3) == await text_of(ruled.ctx, 1) == TEXT
    assert (await roll_back(ruled.ctx, 2, 3, ANNA)).version == 4


async def test_what_differs_is_told_by_route_and_as_text(ruled: Casebook) -> None:
    await publish(ruled.ctx, NARROW, ANNA)
    found = await compare(ruled.ctx, 1, 2)
    (route,) = found.routes
    assert (route.route, route.more, route.less, found.widens) == ("abroad", (), ("hotline:hosting_country",), ())
    assert '+mode = "propose"' in found.text
    back = await compare(ruled.ctx, 2, 1)
    assert (back.routes[0].more, back.widens) == (
        ("hotline:hosting_country",),
        ("route abroad sends by itself what people confirmed",),
    )


async def test_what_was_not_looked_at_or_says_the_same_is_not_rolled_back(ruled: Casebook) -> None:
    await publish(ruled.ctx, NARROW, ANNA)
    with pytest.raises(Conflict, match="meanwhile"):
        await roll_back(ruled.ctx, 1, 1, ANNA)
    with pytest.raises(Conflict, match="nothing to roll back"):
        await roll_back(ruled.ctx, 2, 2, ANNA)
    with pytest.raises(NotFound):
        await roll_back(ruled.ctx, 7, 2, ANNA)
    with pytest.raises(NotFound):
        await compare(ruled.ctx, 1, 7)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("nonsense", "not valid TOML"),
        (TEXT.replace('expect = ["hotline-nl"]', 'expect = ["desk"]'), "fails one of its tests"),
        (TEXT.replace("# Abroad: who is there.", "# as bad.example.com"), "names a location"),
    ],
)
async def test_an_older_version_meets_todays_gates(ruled: Casebook, bad: str, said: str) -> None:
    await publish(ruled.ctx, NARROW, ANNA)
    older = Change(policies, {"version": 1}, {"body": bad})  # as an older program published it
    await ruled.ctx.store.commit(Transition(ruled.ctx.now(), [older]))
    with pytest.raises(PolicyInvalid, match=said):
        await roll_back(ruled.ctx, 1, 2, ANNA)
    assert (await listed(ruled.ctx, 10)).total == 2
    found = await compare(ruled.ctx, 1, 2)
    assert found.unread == ((1,) if bad == "nonsense" else ())
    assert found.text


async def test_break_glass_names_who_was_alone_and_then_who_confirmed(ruled: Casebook) -> None:
    await publish(ruled.ctx, NARROW, ANNA)
    await roll_back(ruled.ctx, 1, 2, ANNA)
    await set_ways(ruled.ctx.store, AlarmSettings(webhook=(Webhook(url="https://ring.example/a"),)), 0, ROUTER)
    assert (await second_person.break_glass(ruled.ctx, "policy", ANNA, "nobody can be reached")).version == 3
    assert (await said(ruled))[0] == (3, ANNA.id, ANNA.id, None, 1)
    await second_person.confirm(ruled.ctx, "policy", BOB)
    assert (await said(ruled))[0] == (3, ANNA.id, ANNA.id, BOB.id, 1)


async def test_a_page_of_them_leads_to_the_next(ruled: Casebook) -> None:
    await publish(ruled.ctx, NARROW, ANNA)
    first = await listed(ruled.ctx, 1)
    second = await listed(ruled.ctx, 1, int(first.next or 0))
    assert [one.version for page in (first, second) for one in page.items] == [2, 1]
    assert (first.total, second.next, first.items[0].in_force, second.items[0].in_force) == (2, None, True, False)
