"""Who knows whom: home has its three partners, a partner has home, and every policy passes its own tests."""

from base64 import b64encode

import pytest

from router.data.directory import shipped_directory
from router.data.policies import default_policy
from router.demo.pipe_messages import Govern, Ready
from router.demo.policies import (
    CERTIFICATE,
    CERTIFICATE_PASSWORD,
    LOGIN,
    PASSWORD,
    SIGNING,
    ForHub,
    ForPolice,
    of,
    unit,
)
from router.partners.dropbox.settings import DropboxConfig
from router.partners.iccam.settings import IccamConfig
from router.partners.router import RouterConfig
from router.policy.check import prove
from router.policy.load import load
from router.world.story import CANADA, HOME, HUB, NETHERLANDS, POLICE, SITES
from schemas.partner import Directory

READY = {
    site.partner: Ready(
        key_id=f"{site.partner}-2026", public_key=b64encode(bytes([at]) * 32).decode(), token=f"token-{at}"
    )
    for at, site in enumerate(SITES)
}


def told(name: str) -> Govern:
    to_police = ForPolice("/srv/police", "PEM", b"p12", "password")
    return of(name, READY, to_police, ForHub("api.user", "login", b"p12", "of the p12"))


def test_home_knows_its_three_partners_and_keeps_the_policy_it_ships_with() -> None:
    home = told(HOME)
    assert [partner.name for partner in home.partners] == [NETHERLANDS, CANADA, POLICE, HUB]
    assert home.policy is None
    assert all(partner.enabled and partner.checked_on for partner in home.partners)


def test_the_policy_of_home_passes_its_own_tests_with_the_partners_of_the_demo() -> None:
    """So a rule that somebody drafts there can be published: a text whose tests fail is put in force by nobody."""
    ours = {one.name: one for one in told(HOME).partners}
    partners = [ours.get(one.name, one) for one in shipped_directory().partners]
    known = {one.name for one in partners}
    directory = shipped_directory().model_copy(
        update={"partners": (*partners, *(one for one in ours.values() if one.name not in known))}
    )
    prove(load(default_policy("BE")), directory)


@pytest.mark.parametrize("name", [NETHERLANDS, CANADA])
def test_a_partner_knows_home_alone(name: str) -> None:
    assert [partner.name for partner in told(name).partners] == [HOME]


def test_the_dialects_can_read_what_they_are_given() -> None:
    peers = [*told(NETHERLANDS).partners, *told(CANADA).partners, *told(HOME).partners[:2]]
    keys = [RouterConfig.model_validate(partner.config).keys[0].id for partner in peers]
    assert keys == ["child-focus-be-2026", "child-focus-be-2026", "offlimits-nl-2026", "cybertip-ca-2026"]
    police = DropboxConfig.model_validate(told(HOME).partners[2].config)
    assert (police.signing, police.signing_password, police.rehearsed) == (SIGNING, PASSWORD, None)
    assert [way.folder for way in police.carried] == ["/srv/police"]
    site = next(site for site in SITES if site.partner == POLICE)
    hub = IccamConfig.model_validate(told(HOME).partners[3].config)
    assert (hub.username, hub.password, hub.certificate) == ("api.user", LOGIN, CERTIFICATE)
    live = unit(site, ForPolice("/srv/police", "PEM", b"p12", "password"), "CODE")
    assert DropboxConfig.model_validate(live.config).rehearsed == "CODE"


def test_only_home_shares_a_secret_with_the_police() -> None:
    assert [(one.name, one.value, one.is_base64) for one in told(HOME).secrets] == [
        (SIGNING, "cDEy", True),
        (PASSWORD, "password", False),
        (LOGIN, "login", False),
        (CERTIFICATE, "cDEy", True),
        (CERTIFICATE_PASSWORD, "of the p12", False),
    ]
    assert not told(NETHERLANDS).secrets


@pytest.mark.parametrize(("name", "country"), [(NETHERLANDS, "NL"), (CANADA, "CA")])
def test_a_partners_policy_asks_its_own_people_about_everything(name: str, country: str) -> None:
    policy = told(name).policy
    assert policy is not None
    loaded = load(policy)
    prove(loaded, Directory(partners=told(name).partners))
    assert (loaded.home, [route.to for route in loaded.routes]) == (country, [("desk",)])
