import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern import directory_change, policy_change, second_person
from router.casework.govern.versions import (
    Following,
    ensure_defaults,
    import_directory,
    newest_directory,
    newest_version,
    publish_policy,
)
from router.clock import StoryClock
from router.data.directory import shipped_directory
from router.data.policies import default_policy
from router.errors import BadInput, Conflict, PolicyInvalid, Unavailable
from router.store.base import Row
from router.store.schema.tables import audit, directories, policies
from schemas.actor import ROUTER
from schemas.partner import Directory, Partner, PartnerKind
from schemas.proposal import PARTNER
from tests.governed import ANNA, BOB, DIRECTORY, SMALL, governed
from tests.office import office

OTHER = SMALL.replace('name = "rest"', 'name = "everything-else"')


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path) as made:
        yield made


async def publish(ctx: Context, text: str) -> int:
    return await publish_policy(ctx.store, ctx.clock, text, ANNA)


async def put(ctx: Context, directory: Directory) -> int:
    return await import_directory(ctx.store, ctx.clock, directory, ANNA)


async def acts(ctx: Context) -> list[Row]:
    found = await ctx.store.rows(select(audit).order_by(audit.c.seq))
    return [row for row in found if row["act"] in {"policy.published", "directory.imported"}]


def advance(ctx: Context, **by: float) -> None:
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(**by))


async def test_a_fresh_store_gets_its_first_versions(ctx: Context) -> None:
    version, policy = await ctx.governance.policy()
    assert (version, [route.name for route in policy.routes]) == (1, ["abroad", "rest"])
    directory = await ctx.governance.directory()
    assert (directory.version, directory.partners) == (1, DIRECTORY.partners)
    assert [row["actor"] for row in await acts(ctx)] == [ROUTER.id, ROUTER.id]


@pytest.mark.parametrize("home", ["BE", "NL"])
async def test_what_ships_can_be_put_in_force(tmp_path: Path, home: str) -> None:
    async with governed(tmp_path, default_policy(home), shipped_directory()) as ctx:
        _, policy = await ctx.governance.policy()
        assert policy.home == home


async def test_a_second_start_keeps_what_is_in_force(ctx: Context) -> None:
    await publish(ctx, OTHER)
    await ensure_defaults(ctx.store, ctx.clock, SMALL, Directory(), ROUTER)
    assert await newest_version(ctx.store, policies) == 2
    assert await newest_version(ctx.store, directories) == 1


async def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        starts = (ensure_defaults(ctx.store, ctx.clock, SMALL, DIRECTORY, ROUTER) for _ in range(5))
        await asyncio.gather(*starts)
        assert await newest_version(ctx.store, policies) == await newest_version(ctx.store, directories) == 1


async def test_who_saw_an_older_policy_does_not_replace_the_one_in_force(ctx: Context) -> None:
    await publish(ctx, OTHER)
    with pytest.raises(Conflict):
        await publish_policy(ctx.store, ctx.clock, SMALL, ANNA, over=1)
    assert await newest_version(ctx.store, policies) == 2


async def test_before_the_first_policy_nothing_is_decided(tmp_path: Path) -> None:
    async with office(tmp_path) as ctx:
        following = Following(ctx.store, ctx.clock)
        assert await following.directory() == Directory()
        with pytest.raises(Unavailable, match="policy publish"):
            await following.policy()


async def test_a_published_policy_is_followed_by_every_process_within_a_second(ctx: Context) -> None:
    elsewhere = Following(ctx.store, ctx.clock)
    assert (await elsewhere.policy())[0] == 1
    assert await publish(ctx, OTHER) == 2
    assert (await elsewhere.policy())[0] == 1
    advance(ctx, seconds=1)
    version, policy = await elsewhere.policy()
    assert (version, policy.routes[-1].name) == (2, "everything-else")


async def test_the_process_that_published_need_not_wait(ctx: Context) -> None:
    following = Following(ctx.store, ctx.clock)
    await following.policy()
    await publish(ctx, OTHER)
    following.forget()
    assert (await following.policy())[0] == 2


async def test_a_policy_in_force_is_read_once(ctx: Context) -> None:
    _, first = await ctx.governance.policy()
    advance(ctx, minutes=1)
    _, second = await ctx.governance.policy()
    assert first is second


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "home: is missing"),
        (SMALL.replace('expect = ["hotline-nl"]', 'expect = ["desk"]'), "fails one of its tests"),
        (SMALL.replace('to = ["police"]', 'to = ["nobody"]'), "no partner named nobody"),
        (SMALL.replace('home = "BE"', 'home = "FR"'), "this router serves BE"),
    ],
)
async def test_a_policy_that_does_not_prove_itself_leaves_the_old_one(ctx: Context, text: str, words: str) -> None:
    with pytest.raises(PolicyInvalid, match=words):
        await publish(ctx, text)
    assert await newest_version(ctx.store, policies) == 1
    assert len(await acts(ctx)) == 2


async def test_publishing_is_audited_by_who_did_it_with_the_digest(ctx: Context) -> None:
    await publish(ctx, OTHER)
    act = (await acts(ctx))[-1]
    row = (await ctx.store.rows(select(policies).where(policies.c.version == 2)))[0]
    assert (act["act"], act["actor"], row["by"], row["body"]) == (
        "policy.published",
        "person:anna",
        "person:anna",
        OTHER,
    )
    assert json.loads(act["detail"]) == {"version": 2, "sha256": row["digest"].hex()}


async def test_two_who_publish_at_once_do_not_overwrite_each_other(ctx: Context) -> None:
    both = await asyncio.gather(publish(ctx, OTHER), publish(ctx, SMALL + "# again"), return_exceptions=True)
    refused = [one for one in both if isinstance(one, Conflict)]
    assert sorted(one for one in both if isinstance(one, int)) in ([2], [2, 3])
    assert len(both) - len(refused) == await newest_version(ctx.store, policies) - 1
    assert all("publish again" in one.message for one in refused)


async def test_an_imported_directory_is_the_next_version(ctx: Context) -> None:
    closed = DIRECTORY.partners[0].model_copy(update={"enabled": False, "disabled_reason": "on holiday"})
    changed = DIRECTORY.model_copy(update={"partners": (closed, DIRECTORY.partners[1]), "version": 99})
    assert await put(ctx, changed) == 2
    advance(ctx, seconds=1)
    directory = await ctx.governance.directory()
    assert (directory.version, directory.partners) == (2, changed.partners)
    assert await newest_directory(ctx.store) == directory


async def test_a_directory_with_a_mistake_is_refused(ctx: Context) -> None:
    with pytest.raises(BadInput, match="2 partners have this name"):
        await put(ctx, Directory(partners=DIRECTORY.partners + DIRECTORY.partners[1:]))
    assert await newest_version(ctx.store, directories) == 1


async def test_a_directory_may_not_lose_a_partner_that_the_policy_names(ctx: Context) -> None:
    with pytest.raises(PolicyInvalid, match="no partner named police"):
        await put(ctx, Directory(partners=DIRECTORY.partners[:1]))
    assert await newest_version(ctx.store, directories) == 1


async def test_a_change_of_a_directory_that_moved_on_is_a_conflict(ctx: Context) -> None:
    await put(ctx, DIRECTORY)
    with pytest.raises(Conflict):
        await import_directory(ctx.store, ctx.clock, DIRECTORY, ANNA, over=1)
    assert await import_directory(ctx.store, ctx.clock, DIRECTORY, ANNA, over=2) == 3


async def test_the_first_policy_may_be_of_any_home(tmp_path: Path) -> None:
    police = Partner(name="police", title="Police", kind=PartnerKind.POLICE, countries=("FR",))
    text = SMALL.replace('home = "BE"', 'home = "FR"')
    async with governed(tmp_path, text, Directory(partners=(DIRECTORY.partners[0], police))) as ctx:
        assert (await ctx.governance.policy())[1].home == "FR"


async def test_many_who_ask_at_one_moment_look_once(ctx: Context) -> None:
    looks = 0

    class Counting:
        async def rows(self, statement: object) -> list[Row]:
            nonlocal looks
            looks += 1
            await asyncio.sleep(0)
            return await ctx.store.rows(statement)  # type: ignore[arg-type] # what `Following` gives it

    following = Following(Counting(), ctx.clock)  # type: ignore[arg-type] # a store, as far as it reads
    found = await asyncio.gather(*(following.policy() for _ in range(64)))
    assert {version for version, _ in found} == {1}
    assert looks == 4  # two versions, and what each of them is


async def test_whoever_puts_something_in_force_sees_it_at_once(tmp_path: Path) -> None:
    """By each way that leads there; the clock stands still, so nothing is looked at again by itself."""
    async with governed(tmp_path) as ctx:
        directory = await ctx.governance.directory()
        (before, _), told = await ctx.governance.policy(), directory.partners[0]
        done = await policy_change.publish(ctx, SMALL + "\n# narrower\n", ANNA)
        assert (await ctx.governance.policy())[0] == done.version == before + 1
        off = told.model_copy(update={"enabled": False})
        await directory_change.put_partner(ctx, off, ANNA)
        assert (await ctx.governance.directory()).named(told.name) == off
        await directory_change.put_partner(ctx, told, ANNA)
        assert (await ctx.governance.directory()).named(told.name) == off, "that waits for a second person"
        await second_person.confirm(ctx, f"{PARTNER}{told.name}", BOB)
        assert (await ctx.governance.directory()).named(told.name) == told
