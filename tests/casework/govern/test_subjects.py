"""Each subject is read and put in force in one form, and comes back as it was put."""

import json
from datetime import date
from pathlib import Path

import pytest

from router.casework.govern.subjects import entry, in_force, put, version
from router.casework.govern.versions import import_directory, newest_directory
from router.store.base import NOTHING
from tests.governed import ANNA, DIRECTORY, SMALL, governed

BODIES = {
    "alarm": '{"webhook":[{"url":"https://ring.example/a"}]}',
    "territories": '{"assumed":{"GL":"asked nobody"},"territories":{"GL":"NL"}}',
    "policy": '{"text":' + json.dumps(SMALL + "\n# another") + "}",
    "partner:hotline-nl": entry(DIRECTORY.partners[0].model_copy(update={"title": "Another title"})),
    "partner:new": entry(DIRECTORY.partners[0].model_copy(update={"name": "new", "default": False})),
}


@pytest.mark.parametrize("subject", sorted(BODIES))
async def test_what_is_put_is_in_force(tmp_path: Path, subject: str) -> None:
    async with governed(tmp_path) as ctx:
        before, number = await in_force(ctx, subject), await version(ctx, subject)
        assert (
            await put(ctx, subject, BODIES[subject], ANNA, NOTHING, over=number)
            == number + 1
            == await version(ctx, subject)
        )
        now = await in_force(ctx, subject)
        assert now not in {before, None}
        assert subject == "alarm" or now == BODIES[subject]
        await put(ctx, subject, before, ANNA, NOTHING, over=number + 1)
        assert await in_force(ctx, subject) == before


async def test_the_day_it_was_reached_is_no_part_of_an_entry_and_is_kept(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        day = date(2026, 11, 1)
        dated = tuple(one.model_copy(update={"checked_on": day}) for one in DIRECTORY.partners)
        before = await in_force(ctx, "partner:hotline-nl")
        await import_directory(ctx.store, ctx.clock, DIRECTORY.model_copy(update={"partners": dated}), ANNA)
        assert await in_force(ctx, "partner:hotline-nl") == before
        await put(
            ctx,
            "partner:hotline-nl",
            BODIES["partner:hotline-nl"],
            ANNA,
            NOTHING,
            over=await version(ctx, "partner:hotline-nl"),
        )
        found = (await newest_directory(ctx.store)).named("hotline-nl")
        assert found is not None
        assert (found.checked_on, found.title) == (day, "Another title")
