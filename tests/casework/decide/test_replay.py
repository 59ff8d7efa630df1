from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from router.casework.case.marks import host_named
from router.casework.context import Context
from router.casework.decide.replay import last, last_decision, replay
from router.clock import StoryClock
from router.errors import Damaged, NotFound, PolicyInvalid
from router.policy.load import load
from router.store.base import Change, Transition
from router.store.schema.tables import cases, decisions
from schemas.facts import Facts
from schemas.vocabulary import Assessment
from tests.casebook import Casebook
from tests.governed import SMALL, decided, governed

IN_NL = Facts(assessment=Assessment.BASELINE, hosting_country="NL", has_hotline=True)
POLICE_ONLY = SMALL.replace('to = ["hotline:hosting_country"]', 'to = ["police"]').replace("hotline-nl", "police")


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with governed(tmp_path) as made:
        yield made


async def test_the_last_decision_on_a_case_is_what_was_written_down(ctx: Context) -> None:
    await decided(ctx, "case-1", IN_NL, load(POLICE_ONLY))
    newest = await decided(ctx, "case-1", IN_NL, load(SMALL))
    await decided(ctx, "case-2", IN_NL, load(POLICE_ONLY))
    assert await last_decision(ctx, "case-1") == newest
    assert [step.route for step in newest.path] == ["abroad"]


async def test_what_is_the_newest_is_said_by_its_date(ctx: Context) -> None:
    policies = load(POLICE_ONLY), load(SMALL)
    for name, policy in zip(("b", "a"), policies, strict=True):  # two processes whose clocks disagree
        newest = await decided(ctx, "case-1", IN_NL, policy, name=name)
        cast("StoryClock", ctx.clock).advance(timedelta(seconds=1))
    await decided(ctx, "case-2", IN_NL, load(SMALL), name="0")
    assert await last_decision(ctx, "case-1") == newest
    assert [one.case for one in await replay(ctx, POLICE_ONLY)] == ["case-2", "case-1"]


async def test_a_case_without_a_decision_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        await last_decision(ctx, "case-1")


async def test_what_another_policy_would_change_is_newest_first(ctx: Context) -> None:
    await decided(ctx, "case-1", IN_NL, load(SMALL))
    await decided(ctx, "case-2", IN_NL, load(SMALL))
    changed = await replay(ctx, POLICE_ONLY)
    assert [(one.case, one.before, one.after) for one in changed] == [
        ("case-2", ("hotline-nl",), ("police",)),
        ("case-1", ("hotline-nl",), ("police",)),
    ]


@pytest.mark.parametrize("column", ["decision", "facts"])
async def test_one_that_is_not_what_was_written_stops_no_comparison(ctx: Context, column: str) -> None:
    for case in ("case-1", "case-2"):
        await decided(ctx, case, IN_NL, load(SMALL))
    (row, _) = await ctx.store.rows(select(decisions).order_by(decisions.c.case_id))
    await ctx.store.commit(Transition(0, (Change(decisions, {"id": row["id"]}, {column: "no JSON"}),)))
    assert [one.case for one in await replay(ctx, POLICE_ONLY)] == ["case-2"]
    if column == "decision":
        with pytest.raises(Damaged):
            await last_decision(ctx, "case-1")


async def test_the_policy_in_force_changes_nothing(ctx: Context) -> None:
    await decided(ctx, "case-1", IN_NL, load(SMALL))
    assert await replay(ctx, SMALL) == []


async def test_only_the_last_decisions_are_replayed(ctx: Context) -> None:
    for number in range(3):
        await decided(ctx, f"case-{number}", IN_NL, load(SMALL))
    assert [one.case for one in await replay(ctx, POLICE_ONLY, limit=2)] == ["case-2", "case-1"]


async def test_what_people_decided_is_left_out(ctx: Context) -> None:
    await decided(ctx, "case-1", IN_NL, load(SMALL), by="person:anna")
    assert await replay(ctx, POLICE_ONLY) == []


async def test_what_is_no_policy_is_not_replayed(ctx: Context) -> None:
    with pytest.raises(PolicyInvalid, match="no partner named nobody"):
        await replay(ctx, SMALL.replace('to = ["police"]', 'to = ["nobody"]'))


async def test_a_rule_for_one_host_is_replayed_by_the_host_of_each_case(book: Casebook) -> None:
    """The decision keeps no index of it; the case's row does, until it is erased."""
    case_id = await book.decided()
    await book.decided("https://other.example.test/", "r-2")
    host = host_named((await book.case(case_id))["host_bidx"])
    rule = f'[[route]]\nname = "host"\nwhen = {{ host_index = ["{host}"] }}\nto = ["police"]\n\n[[route]]'
    text, directory = SMALL.replace("[[route]]", rule, 1).replace("police", "desk"), book.rules.directory_

    async def followed() -> list[str]:
        rows = last(book.ctx, 10)
        found = await book.ctx.policies.diff(text, directory, book.clock.now(), rows)
        return [one.case for one in found if one.route_after == "host"]

    assert await followed() == [case_id]
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(cases, {"id": case_id}, {"host_bidx": None}),)))
    assert await followed() == []
