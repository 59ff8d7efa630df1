"""What the policy's room says, and the reasons of the policies that ship: all of it, and nothing that it does not."""

import tomllib
from collections.abc import Iterator

from router.console.findings import retold
from router.console.language import load
from router.console.said import policy
from router.console.sentences import sentence
from router.policy import calls
from router.policy.judge import ROOT
from tests.console.said.said_by import CODE, said_by


def reasons() -> Iterator[str]:
    """Yield what a route asks people with: its own reason, or what its conditions are about."""
    for path in sorted((CODE / "data" / "policy").glob("*.toml")):
        for route in tomllib.loads(path.read_text(encoding="utf-8"))["route"]:
            if "reason" in route:
                yield route["reason"]
    yield from (text for *_, text in calls._ABOUT)
    yield calls._ASKS.format(route="abroad")
    yield calls._ASSESS.format(partners="hotline-nl")
    yield calls._CONFIRM.format(partners="hotline-nl, federal-police")
    if ROOT.reason:
        yield ROOT.reason


def test_it_is_what_the_policys_room_says_or_a_policy_that_ships() -> None:
    said = said_by("policy", "casework/policy_process.py")
    shipped = " ".join(path.read_text(encoding="utf-8") for path in (CODE / "data").rglob("*.toml"))
    texts = [one for one in (*policy.SAID, *policy.FILLED) if one not in said]
    ways = [(one.rstrip("."), one[0].lower() + one[1:].rstrip(".")) for one in texts]
    assert [one for one, lower in ways if lower not in said and one not in shipped and lower not in shipped] == []


def test_whatever_a_route_asks_people_with_is_said_in_every_language() -> None:
    found = [sentence(one) for one in reasons()]
    assert len(found) > 30
    for code, tongue in load().items():
        assert code == "en" or [one for one in found if not (tongue.speaks(one) or retold(tongue, one))] == []
