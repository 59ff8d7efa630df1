"""Lists that people keep: each their own, so many, no location in any, and one for all by a supervisor."""

import asyncio

import pytest

from router.casework.desk.views import HOUSE, forget, keep, views
from router.errors import BadInput, Conflict, NotAllowed, NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import desk_views
from schemas.actor import Actor, Role
from schemas.pages import DeskWanted
from schemas.views import MOST_VIEWS, ViewGiven, ViewNamed
from tests.casebook import ANNA, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)
FRENCH = DeskWanted(country="FR", mine=True)


async def names(book: Casebook, actor: Actor) -> list[str]:
    return [one.name for one in await views(book.ctx, actor)]


async def test_each_has_their_own_and_those_of_the_house(book: Casebook) -> None:
    await keep(book.ctx, ViewGiven(name="French"), FRENCH, BERT)
    await keep(book.ctx, ViewGiven(name="At risk", shared=True), DeskWanted(at_risk=True), ANNA)
    first, second = await views(book.ctx, BERT)
    assert (first.name, first.shared, first.wanted) == ("French", False, FRENCH)
    assert (second.name, second.shared, second.wanted) == ("At risk", True, DeskWanted(at_risk=True))
    assert await names(book, ANNA) == ["At risk"]
    with pytest.raises(NotAllowed):
        await keep(book.ctx, ViewGiven(name="mine for all", shared=True), FRENCH, BERT)
    with pytest.raises(NotAllowed):
        await forget(book.ctx, ViewNamed(slot=second.slot, shared=True), BERT)
    with pytest.raises(NotFound):
        await forget(book.ctx, ViewNamed(slot=first.slot), ANNA)
    await forget(book.ctx, ViewNamed(slot=first.slot), BERT)
    assert await names(book, BERT) == ["At risk"]


async def test_the_same_name_again_replaces_the_list(book: Casebook) -> None:
    for wanted in (FRENCH, DeskWanted(country="NL")):
        await keep(book.ctx, ViewGiven(name="mine"), wanted, BERT)
    assert [one.wanted for one in await views(book.ctx, BERT)] == [DeskWanted(country="NL")]


async def test_there_are_so_many_and_two_at_once_are_not_one_too_many(book: Casebook) -> None:
    for n in range(MOST_VIEWS - 1):
        await keep(book.ctx, ViewGiven(name=f"list {n}"), FRENCH, BERT)
    said = await asyncio.gather(
        *(keep(book.ctx, ViewGiven(name=name), FRENCH, BERT) for name in ("one", "other")), return_exceptions=True
    )
    assert [type(one) for one in said if one is not None] == [Conflict]
    with pytest.raises(Conflict, match="forget one first"):
        await keep(book.ctx, ViewGiven(name="more"), FRENCH, BERT)
    assert len(await views(book.ctx, BERT)) == MOST_VIEWS


@pytest.mark.parametrize("name", ["https://x.test/", "x.test", "hxxps://x[.]test", "a@b", "192.0.2.7"])
async def test_no_name_is_a_location(book: Casebook, name: str) -> None:
    with pytest.raises(BadInput):
        await keep(book.ctx, ViewGiven(name=name), FRENCH, BERT)


async def test_a_number_is_not_kept_and_a_list_of_nothing_else_is_none(book: Casebook) -> None:
    await keep(book.ctx, ViewGiven(name="mine"), FRENCH.model_copy(update={"number": "secret-7"}), BERT)
    (row,) = await book.rows(desk_views)
    assert "secret-7" not in str(row)
    with pytest.raises(BadInput):
        await keep(book.ctx, ViewGiven(name="other"), DeskWanted(number="secret-7"), BERT)


async def test_one_that_another_version_kept_is_left_out(book: Casebook) -> None:
    await keep(book.ctx, ViewGiven(name="mine"), FRENCH, BERT)
    await keep(book.ctx, ViewGiven(name="shared", shared=True), FRENCH, ANNA)
    change = Change(desk_views, {"owner": HOUSE, "slot": 0}, {"wanted": '{"moon": "full"}'})
    await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))
    assert await names(book, BERT) == ["mine"]
