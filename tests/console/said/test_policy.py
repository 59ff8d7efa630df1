from router.console.said import policy
from tests.console.said.said_by import CODE, said_by


def test_it_is_what_the_policys_room_says_or_a_policy_that_ships() -> None:
    shipped = " ".join(path.read_text(encoding="utf-8") for path in (CODE / "data").rglob("*.toml"))
    said = said_by("policy", "casework/policy_process.py")
    reasons = [one.rstrip(".") for one in policy.SAID if one not in said]
    assert [one for one in reasons if one not in shipped and one[0].lower() + one[1:] not in shipped] == []
