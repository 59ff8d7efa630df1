"""Who has seen a location: by name, whoever made their token, and the last time only."""

import pytest

from router.casework.case import seen
from router.casework.read.case_file import case_file
from router.errors import Conflict
from router.store.schema.tables import sightings
from schemas.actor import Actor, Role
from schemas.casefile import DeskCode
from tests.casebook import ANNA, FORM, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)


async def test_a_reveal_is_what_makes_somebody_have_seen_it(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    with pytest.raises(Conflict) as refused:
        await seen.check_seen(book.ctx, [case_id], BERT)
    assert refused.value.reason == "not_seen"
    assert (await case_file(book.ctx, case_id, reader=BERT)).seen is False
    await case_file(book.ctx, case_id, reveal_to=BERT, reason="to look")
    book.later(minutes=5)
    await case_file(book.ctx, case_id, reveal_to=BERT, reason="again")
    await seen.check_seen(book.ctx, [case_id], BERT)
    assert (await case_file(book.ctx, case_id, reader=BERT)).seen is True
    (row,) = await book.rows(sightings, sightings.c.by == "person:bert")
    assert row["at"] == book.ctx.now()


async def test_with_a_token_that_somebody_made_for_them_they_are_the_same_person(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    assert await seen.seen_of(book.ctx, [case_id], Actor(id="person:anna/local:root")) == {case_id}
    assert await seen.seen_of(book.ctx, [], ANNA) == set()


async def test_the_policy_says_when_who_sends_must_have_looked(book: Casebook) -> None:
    case_id = await book.decided()
    case = await book.case(case_id)
    _, policy = await book.ctx.governance.policy()
    assert not seen.looks_first(case, policy)
    assert seen.looks_first(case, policy.model_copy(update={"look_first": True}))
    asked = {"desk_code": DeskCode.SEEN_LONG_AGO}
    assert seen.looks_first(case | asked, policy)
    await seen.check_looked(book.ctx, case, BERT, says=False)
    with pytest.raises(Conflict):
        await seen.check_looked(book.ctx, case, BERT, says=True)
    with pytest.raises(Conflict):
        await seen.check_looked(book.ctx, case | asked, BERT, says=False)
    await seen.check_looked(book.ctx, case | asked, ANNA, says=True)
