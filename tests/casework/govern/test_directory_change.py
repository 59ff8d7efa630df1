"""A directory that a dialect could not use is refused by partner and field; one partner changes without the others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.casework.govern.directory_change import put_in_force, put_partner, switch, wrong_settings
from router.casework.govern.second_person import confirm
from router.casework.govern.versions import import_directory, newest_directory
from router.errors import BadInput, Conflict, NotFound
from router.partners.webhook import WebhookConfig, WebhookDialect
from schemas.actor import ROUTER
from schemas.governed import Published
from schemas.partner import Directory, Partner, PartnerKind
from tests.governed import ANNA, BOB, governed

URL = "https://partner.example/hook"
SECRET = "s3cret-that-nobody-may-read"


class ByHook:
    """A dialect known for its settings alone."""

    Config = WebhookConfig
    fields = ("location",)


def partner(**more: Any) -> Partner:
    given = {"name": "nl", "title": "NL", "kind": PartnerKind.HOTLINE, "countries": ("NL",), "dialect": "webhook"}
    return Partner.model_validate(given | {"config": {"url": URL, "secrets": ["nl"]}, "enabled": True} | more)


def found(**more: Any) -> list[str]:
    dialects: Any = {"webhook": ByHook()}  # only its Config is asked for
    return [str(one) for one in wrong_settings(dialects, Directory(partners=(partner(**more),)))]


def test_settings_that_can_be_used_are_not_wrong() -> None:
    assert WebhookDialect.Config is WebhookConfig
    assert found() == []
    assert found(enabled=False, dialect="none-yet", config={}) == []


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"dialect": "pigeon"}, "partner nl: dialect: there is none named pigeon; known are webhook"),
        ({"config": {"url": "http://partner.example/hook", "secrets": ["nl"]}}, "partner nl: config.url"),
        ({"config": {"url": URL, "secrets": ["nl"], "colour": SECRET}}, "partner nl: config.colour"),
        ({"config": {"secrets": ["nl"]}}, "partner nl: config.url"),
        ({"config": {}}, "partner nl: config.url"),
    ],
)
def test_what_is_wrong_is_named_by_partner_and_field_and_never_by_its_value(more: dict[str, Any], named: str) -> None:
    said = found(**more)
    assert any(one.startswith(named) for one in said)
    assert SECRET not in "".join(said)


async def test_one_partner_is_changed_and_everybody_else_stays(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        before = await newest_directory(ctx.store)
        first = before.partners[0]
        done = await put_partner(ctx, first.model_copy(update={"title": "Another title"}), ANNA)
        after = await newest_directory(ctx.store)
        assert done == Published(version=before.version + 1)
        assert before.version + 1 == after.version
        changed = after.named(first.name)
        assert changed is not None
        assert changed.title == "Another title"
        assert {one.name for one in after.partners} == {one.name for one in before.partners}


async def test_a_partner_is_switched_with_a_reason_that_stands_in_its_entry(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        name = next(one.name for one in (await newest_directory(ctx.store)).partners if one.enabled)
        await switch(ctx, name, ANNA, "they move", enabled=False)
        off = (await newest_directory(ctx.store)).named(name)
        assert off is not None
        assert (off.enabled, off.disabled_reason) == (False, "they move")
        assert (await switch(ctx, name, ANNA, "they moved", enabled=True)).proposed == (f"partner:{name}",)
        off = (await newest_directory(ctx.store)).named(name)
        assert off is not None
        assert not off.enabled
        await confirm(ctx, f"partner:{name}", BOB)
        on = (await newest_directory(ctx.store)).named(name)
        assert on is not None
        assert (on.enabled, on.disabled_reason) == (True, None)
        with pytest.raises(NotFound):
            await switch(ctx, "nobody", ANNA, "why", enabled=True)
        with pytest.raises(BadInput):
            await switch(ctx, name, ANNA, " ", enabled=True)


async def test_a_directory_with_a_mistake_leaves_the_one_in_force(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        before = await newest_directory(ctx.store)
        wrong = before.partners[0].model_copy(update={"dialect": "pigeon", "enabled": True, "disabled_reason": None})
        with pytest.raises(BadInput, match="dialect"):
            await put_partner(ctx, wrong, ANNA)
        with pytest.raises(Conflict):
            await put_in_force(ctx, before, ANNA, over=before.version - 1)
        assert (await newest_directory(ctx.store)).version == before.version


async def test_settings_in_another_order_are_no_change(tmp_path: Path) -> None:
    async with governed(tmp_path) as governed_ctx:
        dialects: Any = {"webhook": ByHook()}
        ctx = replace(governed_ctx, dialects=dialects)
        known = partner(name="hotline-nl", config={"url": URL, "secrets": ["nl"]})
        others = [one for one in (await newest_directory(ctx.store)).partners if one.name != known.name]
        unasked = [one.model_copy(update={"enabled": False}) for one in others]
        await import_directory(ctx.store, ctx.clock, Directory(partners=(known, *unasked)), ROUTER)
        again = partner(name="hotline-nl", config={"secrets": ["nl"], "url": URL})
        assert (await put_partner(ctx, again, ANNA)).proposed == ()
