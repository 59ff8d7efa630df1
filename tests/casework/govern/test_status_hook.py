"""Where a source hears of its reports takes two people; to hear nothing more takes one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from router.casework.context import Context
from router.casework.govern import second_person
from router.casework.govern.sources import add_source, change_source, list_sources
from router.casework.govern.status_hook import change_hook, hook_of, named
from router.errors import Conflict, NotAllowed, NotFound
from router.store.base import Add, Transition
from router.store.schema.tables import partner_state, proposals, status_news
from schemas.actor import Role
from schemas.source import SourceChange, SourceGiven, SourceView, StatusHook
from schemas.vocabulary import SourceKind
from tests.governed import ANNA, BOB, governed
from tests.hearing import ADDRESS, OPERATOR, hook
from tests.office import person
from tests.store.samples import partner

SUBJECT = "source:form"


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path) as opened:
        yield opened


async def form(ctx: Context) -> SourceView:
    return next(one for one in await list_sources(ctx) if one.name == "form")


async def test_it_is_in_force_once_another_person_confirms_it(ctx: Context) -> None:
    published = await change_hook(ctx, "form", hook(), ANNA)
    assert published.proposed == (SUBJECT,)
    assert (await form(ctx)).status is None
    (shown,) = await second_person.shown(ctx)
    assert [(one.field, one.becomes) for one in shown.changes if one.field == "status.url"] == [
        ("status.url", f'"{ADDRESS}"')
    ]
    with pytest.raises(NotAllowed):
        await second_person.confirm(ctx, SUBJECT, ANNA, shown.id)
    await second_person.confirm(ctx, SUBJECT, BOB, shown.id)
    status = (await form(ctx)).status
    assert status is not None
    assert (str(status.url), status.secrets, status.waiting, status.failing) == (ADDRESS, ("form-status",), 0, None)
    assert await second_person.shown(ctx) == []


@pytest.mark.parametrize(
    "change", [{"url": "https://elsewhere.test/"}, {"secrets": ["another"]}, {"networks": ["10.1.0.0/16"]}]
)
async def test_every_change_of_it_waits(ctx: Context, change: dict[str, object]) -> None:
    await change_hook(ctx, "form", hook(), OPERATOR)
    assert (await change_hook(ctx, "form", hook(**change), ANNA)).proposed == (SUBJECT,)
    found = hook_of(await named(ctx, "form"))
    assert found == hook()


async def test_to_hear_nothing_more_takes_one_and_what_waits_goes(ctx: Context) -> None:
    await change_hook(ctx, "form", hook(), OPERATOR)
    row = {"id": "n", "source": "form", "report_id": "r", "at": 1, "due_at": 1, "version": 0}
    await ctx.store.commit(Transition(1, adds=[Add(status_news, row)]))
    assert (await change_hook(ctx, "form", None, ANNA)).proposed == ()
    assert (await form(ctx)).status is None
    assert await ctx.store.rows(select(status_news)) == []
    assert await ctx.store.rows(select(proposals)) == []


async def test_the_address_said_again_ends_a_pause_and_waits_for_nobody(ctx: Context) -> None:
    await change_hook(ctx, "form", hook(), OPERATOR)
    await ctx.store.commit(Transition(1, adds=[partner(SUBJECT, paused="gone")]))
    assert (await change_hook(ctx, "form", hook(), ANNA)).proposed == ()
    assert await ctx.store.rows(select(partner_state)) == []


async def test_what_waits_is_of_the_kind_that_was_seen(ctx: Context) -> None:
    await change_hook(ctx, "form", hook(), ANNA)
    await change_source(ctx, "form", SourceChange(kind=SourceKind.ANALYST), ANNA)
    (shown,) = await second_person.shown(ctx)
    assert shown.outdated
    with pytest.raises(Conflict):
        await second_person.confirm(ctx, SUBJECT, BOB, shown.id)


async def test_nobody_alone_has_it_hear_more_by_another_kind(ctx: Context) -> None:
    await add_source(ctx, SourceGiven(name="office", kind=SourceKind.ANALYST), ANNA)
    for name, kind in (("form", SourceKind.ANALYST), ("office", SourceKind.PUBLIC)):
        await change_hook(ctx, name, hook(), OPERATOR)
        with pytest.raises(Conflict, match="--no-status-url"):
            await change_source(ctx, name, SourceChange(kind=kind), ANNA)
    await change_source(ctx, "form", SourceChange(kind=SourceKind.PROVIDER), ANNA)


async def test_by_break_glass_it_is_undone(ctx: Context) -> None:
    await change_hook(ctx, "form", hook(), ANNA)
    with pytest.raises(Conflict, match="Nobody would hear it"):
        await second_person.break_glass(ctx, SUBJECT, ANNA, "the receiver moved")
    await second_person.withdraw(ctx, SUBJECT, BOB)
    assert (await form(ctx)).status is None


async def test_who_is_not_there_hears_nothing(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await change_hook(ctx, "nobody", hook(), ANNA)
    with pytest.raises(NotAllowed):
        await change_hook(ctx, "form", hook(), person("anna", Role.VIEWER).model_copy(update={"account": None}))


@pytest.mark.parametrize(
    "url", ["http://form.test/", "https://user:pass@form.test/", "https://form.test/#part", "form.test", "https://"]
)
def test_an_address_that_cannot_be(url: str) -> None:
    with pytest.raises(ValidationError):
        hook(url)


def test_there_is_always_a_secret() -> None:
    with pytest.raises(ValidationError):
        StatusHook.model_validate({"url": ADDRESS, "secrets": []})
