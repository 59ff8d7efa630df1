import pytest

from router.data.directory import shipped_directory
from router.data.policies import BELGIAN_PROTOCOL, PLAIN, default_policy
from router.policy.check import prove
from router.policy.load import load
from schemas.countries import ALPHA2


def test_belgium_starts_with_its_protocol() -> None:
    assert default_policy("BE") == BELGIAN_PROTOCOL.read_text(encoding="utf-8")


@pytest.mark.parametrize("home", ["NL", "CA", "US", "QA", "AQ"])
def test_another_country_starts_with_the_plain_policy_as_its_own(home: str) -> None:
    policy = load(default_policy(home))
    assert policy.home == home
    assert [route.name for route in policy.routes] == [route.name for route in load(PLAIN.read_text("utf-8")).routes]


@pytest.mark.parametrize("home", ["BE", "NL"])
def test_one_in_twenty_of_what_is_called_not_illegal_is_looked_at_twice(home: str) -> None:
    """An error there leaves a child's abuse online, and nobody else would notice it."""
    assert load(default_policy(home)).second_look == 0.05


def test_a_fresh_router_of_any_country_has_a_policy_that_proves_itself() -> None:
    directory = shipped_directory()
    for home in sorted(ALPHA2):
        prove(load(default_policy(home), directory), directory)


def test_only_the_home_line_is_changed() -> None:
    before, after = PLAIN.read_text("utf-8").splitlines(), default_policy("CA").splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [('home = "NL"', 'home = "CA"')]
