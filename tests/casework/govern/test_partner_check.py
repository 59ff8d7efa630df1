from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from router.casework.context import Context
from router.casework.govern.partner_check import PartnerChecked, check_partners, rehearse
from router.casework.govern.versions import import_directory, newest_directory
from router.clock import StoryClock
from router.errors import NotFound
from router.policy.recipients import has_hotline
from router.store.schema.tables import audit
from schemas.partner import Directory
from tests.governed import ANNA, DIRECTORY, STORY_DAY, governed
from tests.police_desk import police_desk


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path) as made:
        yield made


async def change(ctx: Context, name: str, **update: Any) -> None:
    partners = tuple(p.model_copy(update=update) if p.name == name else p for p in DIRECTORY.partners)
    await import_directory(ctx.store, ctx.clock, Directory(partners=partners), ANNA)


async def days(ctx: Context) -> dict[str, object]:
    return {partner.name: partner.checked_on for partner in (await newest_directory(ctx.store)).partners}


async def test_every_enabled_partner_is_reached_and_the_day_kept(ctx: Context) -> None:
    checked = await check_partners(ctx, ANNA)
    assert checked == [
        PartnerChecked("hotline-nl", True, "It answered."),
        PartnerChecked("police", True, "It answered."),
    ]
    assert await days(ctx) == {"hotline-nl": STORY_DAY, "police": STORY_DAY}


async def test_a_hotline_counts_once_it_was_reached(ctx: Context) -> None:
    assert not has_hotline(await newest_directory(ctx.store), "NL", STORY_DAY)
    await check_partners(ctx, ANNA)
    assert has_hotline(await newest_directory(ctx.store), "NL", STORY_DAY)


async def test_one_that_does_not_answer_keeps_its_earlier_day(ctx: Context) -> None:
    earlier = STORY_DAY - timedelta(days=30)
    await change(ctx, "hotline-nl", config={"answers": False}, checked_on=earlier)
    checked = await check_partners(ctx, ANNA)
    assert [(one.partner, one.ok) for one in checked] == [("hotline-nl", False), ("police", True)]
    assert await days(ctx) == {"hotline-nl": earlier, "police": STORY_DAY}


async def test_a_disabled_partner_is_asked_only_by_name(ctx: Context) -> None:
    await change(ctx, "police", enabled=False)
    assert [one.partner for one in await check_partners(ctx, ANNA)] == ["hotline-nl"]
    assert [one.partner for one in await check_partners(ctx, ANNA, "police")] == ["police"]


async def test_a_second_check_on_the_same_day_makes_no_new_version(ctx: Context) -> None:
    await check_partners(ctx, ANNA)
    version = (await newest_directory(ctx.store)).version
    await check_partners(ctx, ANNA)
    assert (await newest_directory(ctx.store)).version == version == 2
    assert isinstance(ctx.clock, StoryClock)
    ctx.clock.advance(timedelta(days=1))
    await check_partners(ctx, ANNA)
    assert (await newest_directory(ctx.store)).version == 3


async def test_a_partner_of_an_unknown_dialect_says_which_there_are(ctx: Context) -> None:
    await change(ctx, "police", dialect="pigeon")
    (one,) = await check_partners(ctx, ANNA, "police")
    assert (one.ok, one.text) == (False, "There is no dialect named pigeon; known are bell.")


async def test_an_unknown_partner_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await check_partners(ctx, ANNA, "nobody")


async def test_a_test_bundle_is_sent_to_one_partner_and_kept_in_the_audit(tmp_path: Path) -> None:
    async with police_desk(tmp_path) as desk:
        ctx = desk.book.ctx
        directory = await newest_directory(ctx.store)
        await import_directory(ctx.store, ctx.clock, desk.book.rules.directory_, ANNA, over=directory.version)
        found = await rehearse(ctx, ANNA, "federal-police")
        assert found.ok
        assert "rehearsed" in found.text
        assert len(desk.unit.files) == 1
        assert "partner.rehearsed" in [row["act"] for row in await desk.book.rows(audit)]
        with pytest.raises(NotFound):
            await rehearse(ctx, ANNA, "nobody")
        with pytest.raises(NotFound):
            await rehearse(ctx, ANNA, None)
