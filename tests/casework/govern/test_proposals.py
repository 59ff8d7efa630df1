"""What waits is kept as it was proposed, shown field by field, and only of a person's own making."""

from pathlib import Path

import pytest

from router.casework.govern import proposals
from router.casework.govern.proposals import Proposed
from router.errors import Conflict, NotAllowed, NotFound
from schemas.actor import Actor, Role, person
from tests.governed import ANNA, BOB, governed

CHANGE = Proposed("territories", '{"territories":{}}', '{"territories":{"GL":"DK"}}')


async def test_it_is_shown_with_who_since_when_and_what(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        await ctx.store.commit(await proposals.adding(ctx, [CHANGE], ANNA))
        (row,) = await proposals.pending(ctx)
        view = proposals.view(row, CHANGE.base)
        assert (view.subject, view.by, view.since) == ("territories", ANNA.id, ctx.clock.now())
        assert [(one.field, one.was, one.becomes) for one in view.changes] == [("territories.GL", None, '"DK"')]
        assert proposals.view(row, '{"territories":{"PR":"US"}}').outdated
        with pytest.raises(NotFound):
            await proposals.of_subject(ctx, "alarm")
        with pytest.raises(Conflict):
            await proposals.of_subject(ctx, "territories", "another id")


async def test_of_a_policy_its_lines_are_shown(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        change = Proposed("policy", '{"text":"a\\nb\\n"}', '{"text":"a\\nc\\n"}')
        await ctx.store.commit(await proposals.adding(ctx, [change], ANNA))
        (row,) = await proposals.pending(ctx)
        assert [(one.was, one.becomes) for one in proposals.view(row, change.base).changes] == [
            ("b", None),
            (None, "c"),
        ]


STRANGERS = (
    Actor(id="source:form", source="form"),
    Actor(id="local:root"),
    Actor(id="peer:nl"),
    person("anna", Role.SUPERVISOR, frozenset(), "unknown"),
)


@pytest.mark.parametrize("actor", STRANGERS, ids=[one.id for one in STRANGERS])
async def test_nobody_but_a_person_by_their_own_hand_proposes(tmp_path: Path, actor: Actor) -> None:
    async with governed(tmp_path) as ctx:
        with pytest.raises(NotAllowed):
            await proposals.adding(ctx, [CHANGE], actor)
        assert (await proposals.adding(ctx, [], actor)).adds == []


async def test_no_two_of_one_subject_stand(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        for one in (ANNA, BOB):
            await ctx.store.commit(await proposals.adding(ctx, [CHANGE], one))
        (row,) = await proposals.pending(ctx)
        assert row["by"] == BOB.id
        await proposals.withdraw(ctx, row, ANNA)
        assert await proposals.pending(ctx) == []
