from datetime import date

import pytest

from router.policy.serving import Served, has_hotline, partner_for, serving
from schemas.facts import Facts
from schemas.partner import Agreement, Directory, PartnerKind
from schemas.trace import Reason
from tests.policy.samples import CA, NL, POLICE, TODAY, baseline, directory_of, partner, policy_of

POLICY = policy_of({"name": "rest", "to": ["police"]}, barred={"RU": "no transfer basis"})


def name(directory: Directory, country: str) -> str | None:
    found = serving(directory, country)
    return found.name if found else None


def code(word: str, facts: Facts | None = None, directory: Directory | None = None) -> str:
    found = partner_for(word, facts or baseline(), directory or directory_of(), POLICY)
    return found.code if isinstance(found, Reason) else found.partner.name


def test_the_only_hotline_of_a_country_serves_it() -> None:
    assert name(directory_of(), "NL") == "hotline-nl"
    assert name(directory_of(), "FR") is None


def test_of_several_the_directory_names_the_default() -> None:
    several = (partner("a", "DE"), partner("b", "DE", default=True), partner("c", "DE"))
    assert name(directory_of(*several), "DE") == "b"


def test_several_without_a_default_are_nobody() -> None:
    assert name(directory_of(partner("a", "DE"), partner("b", "DE")), "DE") is None


def test_a_disabled_default_still_is_who_is_meant() -> None:
    several = (partner("a", "DE", default=True, enabled=False), partner("b", "DE"))
    assert name(directory_of(*several), "DE") == "a"


@pytest.mark.parametrize("kind", [PartnerKind.POLICE, PartnerKind.PROVIDER])
def test_police_and_providers_are_no_hotlines(kind: PartnerKind) -> None:
    assert name(directory_of(partner("x", "DE", kind=kind)), "DE") is None


def test_a_hub_can_serve_many_countries() -> None:
    hub = partner("iccam", "DE", "FR", kind=PartnerKind.HUB)
    assert (name(directory_of(hub), "DE"), name(directory_of(hub), "FR")) == ("iccam", "iccam")


def test_a_territory_is_served_by_the_responsible_country() -> None:
    us = partner("us", "US", default=True)
    assert name(directory_of(us, territories={"PR": "US"}), "PR") == "us"
    assert name(directory_of(us), "PR") is None


def test_a_territory_s_own_default_comes_first_and_its_portal_does_not() -> None:
    gb, own = partner("gb", "GB", default=True), partner("portal", "GI")
    assert name(directory_of(gb, own, territories={"GI": "GB"}), "GI") == "gb"
    own_default = partner("own", "GI", default=True)
    assert name(directory_of(gb, own_default, territories={"GI": "GB"}), "GI") == "own"


def test_a_territory_of_a_country_with_one_hotline_needs_no_default() -> None:
    assert name(directory_of(NL, territories={"AW": "NL"}), "AW") == "hotline-nl"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"checked_on": None}, False),
        ({"agreement": Agreement(until=date(2026, 11, 21))}, False),
        ({"agreement": Agreement(until=TODAY)}, True),
        ({"agreement": Agreement(transfer_until=date(2026, 11, 21))}, False),
        ({"kind": PartnerKind.POLICE}, False),
    ],
)
def test_a_country_has_a_hotline_when_it_is_enabled_checked_and_agreed(
    change: dict[str, object], expected: bool
) -> None:
    directory = directory_of(NL.model_copy(update=change))
    assert has_hotline(directory, "NL", TODAY) is expected


def test_no_country_has_no_hotline() -> None:
    assert has_hotline(directory_of(), None, TODAY) is False
    assert has_hotline(directory_of(), "FR", TODAY) is False


def test_a_partner_s_name_is_that_partner() -> None:
    found = partner_for("police", baseline(), directory_of(), POLICY)
    assert found == Served(POLICE, "BE")
    assert code("nobody") == "no_partner"


def test_a_hotline_follows_the_fact() -> None:
    facts = baseline(hosting_country="NL", account_country="CA")
    assert code("hotline:hosting_country", facts) == "hotline-nl"
    assert code("hotline:account_country", facts) == "hotline-ca"
    assert code("hotline:CA", facts) == "hotline-ca"


def test_what_is_not_known_is_nobody() -> None:
    found = partner_for("hotline:account_country", baseline(hosting_country="NL"), directory_of(), POLICY)
    assert found == Reason(code="country_unknown", text="the account country is not known")


def test_our_own_country_is_ourselves_even_without_an_entry() -> None:
    assert code("hotline:hosting_country", baseline(hosting_country="BE")) == "ourselves"


def test_a_barred_country_is_barred_even_when_another_serves_it() -> None:
    directory = directory_of(CA, territories={"RU": "CA"})
    assert code("hotline:hosting_country", baseline(hosting_country="RU"), directory) == "barred"


def test_a_country_without_a_hotline_is_said() -> None:
    assert code("hotline:FR") == "no_partner"


def test_a_territory_says_for_whom_and_on_what_assumption() -> None:
    sure = directory_of(NL, territories={"BQ": "NL"})
    assert partner_for("hotline:BQ", baseline(), sure, POLICY) == Served(NL, "NL")
    assumed = directory_of(NL, territories={"CW": "NL"}, assumed={"CW": "a separate country"})
    expected = "that Hotline-Nl serves CW is only assumed: a separate country"
    assert partner_for("hotline:CW", baseline(), assumed, POLICY) == Served(NL, "NL", expected)


def test_a_partner_that_lists_the_territory_serves_it_by_itself() -> None:
    own = partner("own", "CW")
    directory = directory_of(own, territories={"CW": "NL"}, assumed={"CW": "a separate country"})
    assert partner_for("hotline:CW", baseline(), directory, POLICY) == Served(own, "CW")
