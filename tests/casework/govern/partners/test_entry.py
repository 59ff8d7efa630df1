"""A partner's entry from a form: judged as a file is, and never over what somebody else did meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from router.casework.govern import second_person
from router.casework.govern.partners import entry
from router.data.directory import DirectoryInvalid
from router.errors import Conflict, NotAllowed, NotFound
from tests.governed import ANNA, BOB, governed


async def given_of(ctx: Any, name: str, **more: Any) -> tuple[dict[str, Any], str]:
    partner, standing = await entry.known(ctx, name)
    return {**partner.model_dump(mode="json"), **more}, standing.seen


async def test_a_new_partner_is_proposed_and_confirmed_by_another(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        given = {"name": "hotline-de", "title": "DE", "kind": "hotline", "countries": ["DE"], "dialect": "bell"}
        assert (await entry.add(ctx, given, ANNA)).proposed == ("partner:hotline-de",)
        standing = await entry.standing(ctx, "hotline-de")
        assert (standing.in_force, standing.by) == (None, ANNA.id)
        with pytest.raises(DirectoryInvalid) as twice:
            await entry.add(ctx, given, BOB)
        assert [(one.field, one.code) for one in twice.value.mistakes] == [("name", "name_taken")]
        with pytest.raises(NotAllowed):
            await second_person.confirm(ctx, "partner:hotline-de", ANNA)
        await second_person.confirm(ctx, "partner:hotline-de", BOB)
        assert (await entry.known(ctx, "hotline-de"))[0].title == "DE"


async def test_what_somebody_did_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        first, seen = await given_of(ctx, "hotline-nl", title="Another")
        assert (await entry.change(ctx, first, ANNA, seen)).proposed == ()  # what people read widens nothing
        with pytest.raises(Conflict):
            await entry.change(ctx, first, BOB, seen)
        wider, seen = await given_of(ctx, "hotline-nl", countries=["NL", "DE"])
        assert (await entry.change(ctx, wider, ANNA, seen)).proposed == ("partner:hotline-nl",)
        with pytest.raises(Conflict):  # sent a second time, or by somebody who did not see the proposal
            await entry.change(ctx, wider, ANNA, seen)
        partner, standing = await entry.known(ctx, "hotline-nl")
        assert (partner.countries, standing.by) == (
            ("NL", "DE"),
            ANNA.id,
        )  # the next change begins with what is proposed


async def test_mistakes_are_named_by_field(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        wrong, seen = await given_of(ctx, "hotline-nl", countries=[], pace={"burst": 0})
        with pytest.raises(DirectoryInvalid) as found:
            await entry.change(ctx, wrong, ANNA, seen)
        assert [one.field for one in found.value.mistakes] == ["pace.burst"]
        wrong, seen = await given_of(ctx, "hotline-nl", countries=[])
        with pytest.raises(DirectoryInvalid) as found:
            await entry.change(ctx, wrong, ANNA, seen)
        assert [one.field for one in found.value.mistakes] == ["countries"]
        with pytest.raises(NotFound):
            await entry.known(ctx, "nobody")
