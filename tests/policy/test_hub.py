from datetime import date

import pytest

from router.policy.hub import is_bypassed, is_member, notes, through_hub
from schemas.facts import Facts
from schemas.partner import Agreement, Partner, PartnerKind
from tests.policy.samples import directory_of, policy_of

TODAY = date(2026, 11, 22)
NL = Partner(name="hotline-nl", title="NL", kind=PartnerKind.HOTLINE, countries=("NL",), default=True, inhope=True)
CA = Partner(name="hotline-ca", title="CA", kind=PartnerKind.HOTLINE, countries=("CA",), default=True, enabled=True)
HUB = Partner(name="iccam", title="ICCAM", kind=PartnerKind.HUB, enabled=True, checked_on=TODAY)
ENDED = Agreement(until=date(2026, 11, 21))


def test_a_member_is_reached_whether_or_not_it_is_a_partner_of_ours() -> None:
    directory = directory_of(NL, CA, HUB)
    assert (is_member(directory, "NL"), is_member(directory, "CA"), is_member(directory, "FR")) == (True, False, False)
    assert through_hub(directory, "NL", TODAY)
    assert not through_hub(directory, "CA", TODAY)
    assert not through_hub(directory, None, TODAY)


@pytest.mark.parametrize("hub", [{"enabled": False}, {"checked_on": None}, {"agreement": ENDED}])
def test_a_hub_that_cannot_be_used_is_none(hub: dict[str, object]) -> None:
    assert not through_hub(directory_of(NL, HUB.model_copy(update=hub)), "NL", TODAY)
    assert not through_hub(directory_of(NL), "NL", TODAY)


def test_only_a_members_own_peer_goes_past_the_hub() -> None:
    with_hub = Facts(iccam=True)
    assert is_bypassed(NL, with_hub)
    assert not is_bypassed(NL, Facts())
    assert not is_bypassed(CA, with_hub)
    assert not is_bypassed(HUB, with_hub)


ABROAD = {"name": "abroad", "when": {"has_hotline": True}, "to": ["hotline:hosting_country"]}


def test_a_route_past_the_hub_is_explained_once() -> None:
    directory = directory_of(NL, CA, HUB)
    (note,) = notes(policy_of(ABROAD), directory)
    assert note.startswith("route abroad hands what is hosted in NL to hotline-nl")
    by_hub = {"name": "members", "when": {"iccam": True}, "to": ["iccam"]}
    assert list(notes(policy_of(by_hub, ABROAD), directory)) == []
    assert list(notes(policy_of(ABROAD | {"copy": True}), directory)) == []
