"""An override made a rule: what it holds for, where it stands, and that the next case of that host follows it."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from router.casework.desk import case_acts
from router.casework.govern.policy_change import publish
from router.casework.govern.rules.draft import draft
from router.casework.govern.second_person import confirm
from router.errors import BadInput, Conflict
from router.policy.load import load
from router.store.schema.tables import audit, decisions, policies
from schemas.decision import Mode
from schemas.draft import DraftGiven, Scope
from tests.casebook import Casebook
from tests.governed import ANNA, BOB
from tests.ruled import ruled_by

TEXT = """
version = 1
home = "BE"

# A child at risk is seen first.
[[route]]
name = "child-at-risk"
when = { urgency = ["live", "imminent_risk"] }
to = ["desk"]

# Abroad: who is there.
[[route]]
name = "abroad"
when = { has_hotline = true }
to = ["hotline:hosting_country"]

[[route]]
name = "rest"
to = ["desk"]
proposal = false

[[tests]]
given = { hosting_country = "NL", has_hotline = true, assessment = "baseline" }
expect = ["hotline-nl"]
"""
HOST = "example.test"
OTHER = "https://other.example.test/page"


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with ruled_by(tmp_path, TEXT) as book:
        yield book


async def overridden(book: Casebook) -> UUID:
    """A case that the policy chose the Dutch hotline for, and a person the Canadian one."""
    case_id = await book.decided()
    await case_acts.refer(book.ctx, case_id, ANNA, "they answer for it", partner="hotline-ca")
    return UUID(case_id)


def wish(case: UUID, scope: Scope = Scope.HOST, **more: object) -> DraftGiven:
    return DraftGiven.model_validate({"case": case, "scope": scope, "limit": 10, **more})


async def test_it_stands_before_the_rule_that_it_corrects_with_its_test(ruled: Casebook) -> None:
    found = await draft(ruled.ctx, wish(await overridden(ruled)))
    assert (found.partner, found.before, found.over) == ("hotline-ca", "abroad", 1)
    policy = load(found.text)
    assert [one.name for one in policy.routes] == ["child-at-risk", "always-host-1", "abroad", "rest"]
    assert policy.tests[-1].expect == ("hotline-ca",)
    assert '# Abroad: who is there.\n[[route]]\nname = "abroad"' in found.text
    assert found.widens == ("route always-host-1 is new and sends to hotline-ca",)
    without = tomllib.loads(found.text)["route"]
    del without[1]
    assert without == tomllib.loads(TEXT)["route"]


async def test_the_next_report_of_that_host_follows_it_once_two_have_put_it_in_force(ruled: Casebook) -> None:
    found = await draft(ruled.ctx, wish(await overridden(ruled)))
    assert found.kinds == {"elsewhere": 1}
    assert (await publish(ruled.ctx, found.text, ANNA)).proposed == ("policy",)
    assert (await confirm(ruled.ctx, "policy", BOB)).version == 2
    ruled.later(minutes=1)
    same = await ruled.decided(f"https://{HOST}/another", "r-2")
    other = await ruled.decided(OTHER, "r-3")
    assert [(await ruled.referral(case))["partner"] for case in (same, other)] == ["hotline-ca", "hotline-nl"]
    at_risk = await ruled.decided(f"https://{HOST}/third", "r-4", urgency="live")
    assert (await ruled.case(at_risk))["state"] == "desk"


async def test_no_text_names_the_host(ruled: Casebook) -> None:
    found = await draft(ruled.ctx, wish(await overridden(ruled)))
    await publish(ruled.ctx, found.text, ANNA)
    await confirm(ruled.ctx, "policy", BOB)
    ruled.later(minutes=1)
    await ruled.decided(f"https://{HOST}/another", "r-2")
    index = load(found.text).routes[1].when.host_index
    assert index is not None
    said = [found.model_dump_json()]
    for table in (policies, audit, decisions):
        said += [str(row) for row in await ruled.rows(table)]
    assert not [one for one in said if HOST in one.replace("[.]", ".")]
    kept = [str(row) for table in (audit, decisions) for row in await ruled.rows(table)]
    assert not [one for one in kept if index[0] in one]


async def test_a_rule_of_one_source_or_one_that_people_confirm(ruled: Casebook) -> None:
    case = await overridden(ruled)
    found = await draft(ruled.ctx, wish(case, Scope.SOURCE, mode=Mode.PROPOSE))
    route = load(found.text).routes[1]
    assert (route.when.source, route.mode) == (("analysts",), Mode.PROPOSE)
    test = load(found.text).tests[-1]
    assert (test.expect, test.propose) == (("desk",), ("hotline-ca",))


async def test_what_no_rule_can_do_is_refused(ruled: Casebook) -> None:
    case = await overridden(ruled)
    with pytest.raises(BadInput, match="not known"):
        await draft(ruled.ctx, wish(case, Scope.NETWORK))
    with pytest.raises(BadInput, match="would not send"):
        await draft(ruled.ctx, wish(case, partner="nobody"))
    with pytest.raises(Conflict, match="by hand"):
        await draft(ruled.ctx, wish(UUID(await ruled.decided(OTHER, "r-2"))))
