from typing import Any

import pytest
from hypothesis import given

from router.policy.diff import Changed, Stored, diff
from router.policy.judge import judge
from router.policy.recipients import resolve
from schemas.decision import Decision
from schemas.facts import Facts
from schemas.governed import ChangeKind
from schemas.partner import Directory
from schemas.policy import Policy
from tests.policy.samples import NOW, any_directory, any_facts, any_policy, baseline, directory_of, policy_of

ABROAD = {"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}
REST = {"name": "rest", "to": ["police"]}
IN_NL = baseline(hosting_country="NL", has_hotline=True)
IN_QA = baseline(hosting_country="QA")


def stored(case: str, facts: Facts, policy: Policy) -> Stored:
    return Stored(case, facts, resolve(judge(policy, facts), facts, directory_of(), policy, NOW, version=1))


def changed(*olds: Stored, policy: Policy) -> list[Changed]:
    return list(diff(olds, policy, directory_of(), NOW))


OLD = policy_of(ABROAD, REST)


def test_only_what_would_change_is_shown() -> None:
    new = policy_of({**ABROAD, "mode": "propose"}, REST)
    olds = [stored("case-1", IN_NL, OLD), stored("case-2", IN_QA, OLD)]
    (row,) = changed(*olds, policy=new)
    assert row == Changed(
        "case-1",
        ("hotline-nl",),
        ("desk:proposed", "hotline-nl (proposed)"),
        "abroad",
        "abroad",
        kind=ChangeKind.TO_PEOPLE,
    )
    assert str(row) == "case-1 [to_people]: hotline-nl (abroad) -> desk:proposed, hotline-nl (proposed) (abroad)"


def test_another_recipient_and_another_route_are_named() -> None:
    (row,) = changed(stored("case-1", IN_NL, OLD), policy=policy_of(REST))
    assert (row.before, row.after) == (("hotline-nl",), ("police",))
    assert (row.route_before, row.route_after) == ("abroad", "rest")


def test_a_route_by_another_name_changes_nothing() -> None:
    assert changed(stored("case-1", IN_NL, OLD), policy=policy_of({**ABROAD, "name": "renamed"}, REST)) == []


def test_copies_and_holds_are_changes() -> None:
    also = {"name": "also", "to": ["hotline:CA"], "copy": True}
    (row,) = changed(stored("case-1", IN_NL, OLD), policy=policy_of(also, ABROAD))
    assert row.after == ("hotline-ca (copy)", "hotline-nl")
    held = {**ABROAD, "hold": "48h", "reason": "clearance"}
    (row,) = changed(stored("case-1", IN_NL, OLD), policy=policy_of(held, REST))
    assert row.after == ("hotline-nl (held)",)


def test_what_people_decided_is_theirs() -> None:
    decided = Decision(policy_version=1, by="person:anna")
    assert changed(Stored("case-1", IN_NL, decided), policy=OLD) == []


@given(any_policy(), any_facts, any_directory())
def test_the_same_policy_changes_nothing(policy: Policy, facts: Facts, directory: Directory) -> None:
    old = Stored("case", facts, resolve(judge(policy, facts), facts, directory, policy, NOW, version=1))
    assert list(diff([old], policy, directory, NOW)) == []


BOTH = {**ABROAD, "to": ["hotline:hosting_country", "police"]}
ASKED = {"name": "asked", "to": ["desk"]}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ((ABROAD,), ({**ABROAD, "to": ["police"]},), "elsewhere"),
        (({**ABROAD, "mode": "propose"},), (ABROAD,), "by_itself"),
        ((BOTH,), (ABROAD,), "fewer"),
        ((ABROAD,), ({**ABROAD, "to": ["desk"]},), "to_people"),
        (({**ABROAD, "to": ["desk", "police"], "proposal": False},), ({**ABROAD, "to": ["police"]},), "not_asked"),
        ((ABROAD,), ({**ABROAD, "hold": "2h", "reason": "as agreed"},), "otherwise"),
    ],
)
def test_a_change_is_told_by_its_kind(before: tuple[Any, ...], after: tuple[Any, ...], kind: str) -> None:
    (row,) = changed(stored("case-1", IN_NL, policy_of(*before, REST)), policy=policy_of(*after, REST))
    assert row.kind == kind
