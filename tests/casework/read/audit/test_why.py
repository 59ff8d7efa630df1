"""Why the policy decided so: each route's reason, as the version that decided has it, and nothing of a location."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.desk import case_acts
from router.casework.govern.versions import Following, publish_policy
from router.casework.read.audit.why import whys
from router.casework.read.case_file import case_file
from router.store.base import Add, Change, Row, Transition
from router.store.schema.tables import audit, decisions, policies
from schemas.actor import ROUTER
from schemas.decision import RouteWhy
from schemas.partner import Directory
from tests.casebook import ANNA, Casebook
from tests.referrals import CANARY
from tests.ruled import ruled_by

TEXT = """
version = 1
home = "BE"
language = "nl"

[[route]]
name = "first"
when = {{ has_hotline = true }}
to = ["hotline:hosting_country"]
copy = true
reason = "{reason}"

[[route]]
name = "then"
when = {{ hosting_country = ["NL"] }}
to = ["hotline:hosting_country"]
copy = {copy}

[translations.fr]
"{reason}" = "{french}"

[[tests]]
given = {{ hosting_country = "NL", has_hotline = true, assessment = "baseline" }}
expect = {expect}
"""
OLD = TEXT.format(reason="zij zitten daar", french="ils y sont", copy="false", expect='["hotline-nl"]')
NEW = TEXT.format(reason="wie daar zit", french="qui y est", copy="true", expect='["hotline-nl", "desk"]')
FACTS = "hosting_country is NL"


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with ruled_by(tmp_path, OLD) as book:
        yield book


async def said(book: Casebook, case_id: str) -> list[tuple[RouteWhy, ...]]:
    timeline = (await case_file(book.ctx, case_id)).timeline
    assert all(not one.why for one in timeline if one.act != "case.decided")
    return [one.why for one in timeline if one.act == "case.decided"]


async def test_each_decision_is_read_in_the_words_of_the_version_that_decided(ruled: Casebook) -> None:
    case_id = await ruled.decided()
    then = (await said(ruled, case_id))[0]
    assert then == (
        RouteWhy(
            route="first",
            reason="zij zitten daar",
            language="nl",
            translations={"fr": "ils y sont"},
            because="has_hotline is yes",
        ),
        RouteWhy(route="then", because=FACTS),
    )
    await publish_policy(ruled.ctx.store, ruled.clock, NEW, ROUTER)
    ruled.later(minutes=1)
    await ruled.retraced(case_id)
    before, after = await said(ruled, case_id)
    assert before == then
    assert [(one.route, one.reason) for one in after] == [
        ("first", "wie daar zit"),
        ("then", None),
        ("root", "No rule of the policy decides this case."),
    ]
    assert (after[0].translations, after[2].language) == ({"fr": "qui y est"}, "en")


async def test_a_version_that_named_a_location_says_it_without(ruled: Casebook) -> None:
    """An older program let one into a policy; its text stays in the store."""
    body = OLD.replace("zij zitten daar", f"wie {CANARY}.test kent").replace("ils y sont", f"de {CANARY}.test")
    row = {"version": 2, "published_at": ruled.ctx.now(), "by": "x", "digest": b"", "body": body}
    await ruled.ctx.store.commit(Transition(ruled.ctx.now(), adds=[Add(policies, row)]))
    ruled.later(minutes=1)
    ((first, _),) = await said(ruled, await ruled.decided())
    assert (first.reason, first.translations) == ("wie [removed] kent", {"fr": "de [removed]"})


async def test_of_a_version_that_does_not_load_the_facts_are_left(ruled: Casebook) -> None:
    case_id = await ruled.decided()
    await ruled.ctx.store.commit(Transition(0, (Change(policies, {"version": 1}, {"body": "no TOML"}),)))
    ruled.ctx = replace(ruled.ctx, governance=_Forgot(ruled))
    ((first, then),) = await said(ruled, case_id)
    assert (first.reason, first.because, then.because) == (None, "has_hotline is yes", FACTS)


async def test_of_a_decision_that_is_damaged_the_reasons_are_left(ruled: Casebook) -> None:
    case_id = await ruled.decided()
    await case_acts.refer(ruled.ctx, case_id, ANNA, "theirs", partner="hotline-ca")
    for row in await ruled.rows(decisions):
        await ruled.ctx.store.commit(Transition(0, (Change(decisions, {"id": row["id"]}, {"decision": "no JSON"}),)))
    ((first, then),) = await said(ruled, case_id)
    assert (first.reason, first.because, then.because) == ("zij zitten daar", None, None)
    assert (await case_file(ruled.ctx, case_id)).policy_decision is None


class _Forgot(Following):
    """A process that has the version in force, and has to read for its reasons."""

    def __init__(self, book: Casebook) -> None:
        super().__init__(book.ctx.store, book.clock)
        self._known = book.ctx.governance

    async def policy(self) -> Any:
        return await self._known.policy()

    async def directory(self) -> Directory:
        return await self._known.directory()


@given(
    detail=st.one_of(
        st.just("no JSON"),
        st.sampled_from(("{}", "[]", '{"policy": null, "routes": ["first"]}', '{"policy": 1, "routes": "first"}')),
        st.integers(-(2**70), 2**70).map(lambda n: f'{{"policy": {n}, "routes": ["first", 7, null]}}'),
    )
)
async def test_an_entry_that_is_not_what_was_written_fails_nothing(detail: str) -> None:
    class Rules:
        async def policy(self) -> tuple[int, None]:
            return 1, None

        async def said(self, version: int) -> dict[str, dict[str, str]]:
            assert version == 1
            return {"so": {"en": "so"}}

        async def reasons_of_routes(self, version: int) -> dict[str, str]:
            return {"first": "so"}

    class Store:
        async def rows(self, wanted: object) -> list[Row]:
            return []

    class Ctx:
        governance, store = Rules(), Store()

    row = {"epoch": "e", "seq": 1, "at": 1, "act": "case.decided", "detail": detail}
    ctx: Any = Ctx()
    found = await whys(ctx, "c", [row])
    assert [one.reason for one in found["e", 1]] in ([], ["so", None, None])


async def test_nothing_is_asked_for_what_decided_nothing(ruled: Casebook) -> None:
    rows = [row for row in await ruled.rows(audit) if row["act"] != "case.decided"]
    assert await whys(ruled.ctx, "c", rows) == {}
