from datetime import date

from router.console.choices import of
from schemas.partner import Directory, Partner, PartnerKind


def partner(name: str, *countries: str, kind: PartnerKind = PartnerKind.HOTLINE, enabled: bool = True) -> Partner:
    given = {"title": name.title(), "kind": kind, "enabled": enabled, "checked_on": date(2026, 11, 1)}
    return Partner(name=name, countries=countries, **given)


def test_partners_that_are_switched_on_by_title() -> None:
    found = of(
        Directory(partners=(partner("zeta", "NL"), partner("alpha", "CA"), partner("off", "FR", enabled=False))), "me"
    )
    assert [one.name for one in found.partners] == ["alpha", "zeta"]


def test_what_is_handed_over_by_another_way_may_have_gone_to_anybody_but_us() -> None:
    off = partner("off", "FR", enabled=False)
    found = of(Directory(partners=(partner("on", "CA"), off, partner("me", "BE", enabled=False))), "me")
    assert found.by_hand == (off,)


def test_we_are_no_choice_of_our_own() -> None:
    assert of(Directory(partners=(partner("me", "BE"),)), "me").partners == ()


def test_a_country_is_a_choice_only_when_its_hotline_may_be_chosen() -> None:
    directory = Directory(
        partners=(
            partner("dutch", "NL"),
            partner("police", "BE", kind=PartnerKind.POLICE),
            partner("french", "FR", enabled=False),
            partner("first", "DE"),
            partner("second", "DE"),
        ),
        territories={"CW": "NL", "GP": "FR"},
    )
    assert of(directory, "me").countries == ("CW", "NL")
