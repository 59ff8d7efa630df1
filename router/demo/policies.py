"""How the three instances are governed: home by the policy it ships with, its partners by a desk of their own people.

Keys are pinned as two operators would do it: each is told the other's address, name and public key beforehand.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from router.data.directory import shipped_directory
from router.demo.pipe_messages import Govern, Ready, Secret
from router.world.story import CANADA, HOME, HUB, NETHERLANDS, POLICE, SITES, START, Site
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import Assessment

#: Under which names home keeps the key that signs bundles for the police, and its password.
SIGNING, PASSWORD = "federal-police-signing", "federal-police-signing-password"
#: And under which it keeps its login at the hub, its certificate there, and that one's password.
LOGIN, CERTIFICATE, CERTIFICATE_PASSWORD = "iccam-login", "iccam-certificate", "iccam-certificate-password"
_TITLES: Final = {
    HOME: "Child Focus (simulated)",
    NETHERLANDS: "Meldpunt Offlimits (simulated)",
    CANADA: "Cybertip.ca (simulated)",
    POLICE: "Federal Police (simulated)",
    HUB: "ICCAM (simulated)",
}
#: What a partner does with whatever reaches it: its own people look at it, and act.
_PARTNERS_POLICY: Final = """
version = 1
home = "{home}"

[[route]]
name = "our-people"
to = ["desk"]
proposal = false
alarm = "24h"
reason = "a partner sent it: assess it, and have it removed"

[[tests]]
given = {{ hosting_country = "{home}", confidence = 0.98, assessment = "baseline" }}
expect = ["desk"]
"""


@dataclass(frozen=True, slots=True)
class ForHub:
    """How home logs in to the hub: its account there, and the certificate that it shows."""

    username: str
    password: str
    certificate: bytes  #: PKCS #12
    certificate_password: str


@dataclass(frozen=True, slots=True)
class ForPolice:
    """How home hands over to the unit: its folder and certificate, and home's own signing key."""

    folder: str
    certificate: str
    signing: bytes
    password: str


def of(name: str, ready: Mapping[str, Ready], police: ForPolice, hub: ForHub) -> Govern:
    """Return what the instance `name` is told; `ready` says under which keys all instances are known."""
    sites = {site.partner: site for site in SITES}
    if name == HOME:
        peers = tuple(_peer(sites[other], ready[other]) for other in (NETHERLANDS, CANADA))
        secrets = (
            _file(SIGNING, police.signing),
            Secret(name=PASSWORD, value=police.password),
            Secret(name=LOGIN, value=hub.password),
            _file(CERTIFICATE, hub.certificate),
            Secret(name=CERTIFICATE_PASSWORD, value=hub.certificate_password),
        )
        return Govern(partners=(*peers, unit(sites[POLICE], police), _hub(sites[HUB], hub)), secrets=secrets)
    policy = _PARTNERS_POLICY.format(home=sites[name].country)
    return Govern(policy=policy, partners=(_peer(sites[HOME], ready[HOME]),))


def _peer(site: Site, ready: Ready) -> Partner:
    key = {"id": ready.key_id, "public": ready.public_key}
    config = {"url": f"https://{site.host}/", "peer": site.partner, "keys": [key]}
    return _partner(site, PartnerKind.HOTLINE, "router", config, inhope=site.country != "CA")


def _file(name: str, content: bytes) -> Secret:
    return Secret(name=name, value=b64encode(content).decode(), is_base64=True)


def _hub(site: Site, hub: ForHub) -> Partner:
    config = {
        "url": f"https://{site.host}/api/",
        "country": "BE",
        "username": hub.username,
        "password": LOGIN,
        "certificate": CERTIFICATE,
        "certificate_password": CERTIFICATE_PASSWORD,
        "token_settle": 0,
        "push_per_second": 50,
        "pull_per_second": 50,
        "mode": "contents",
    }
    return _partner(site, PartnerKind.HUB, "iccam", config)


def unit(site: Site, police: ForPolice, rehearsed: str | None = None) -> Partner:
    """Return the unit's entry; `rehearsed` is the code that it read in its test bundle."""
    config = {
        "ways": [{"folder": police.folder}, {"telephone": "+32 2 000 00 00"}],
        "certificate": police.certificate,
        "signing": SIGNING,
        "signing_password": PASSWORD,
        "language": "nl",
        "zone": "Europe/Brussels",
        "gather": "0s",
        "law": [{"since": "2017-07-06", "text": "Protocol of 6 July 2017 between the hotline and the Federal Police"}],
        **({} if rehearsed is None else {"rehearsed": rehearsed}),
    }
    return _partner(site, PartnerKind.POLICE, "dropbox", config)


def _partner(site: Site, kind: PartnerKind, dialect: str, config: dict[str, Any], *, inhope: bool = False) -> Partner:
    return Partner(
        name=site.partner,
        title=_TITLES[site.partner],
        kind=kind,
        countries=() if kind is PartnerKind.HUB else (site.country,),
        default=kind is PartnerKind.HOTLINE,
        inhope=inhope,
        accepts=_accepts(site.partner),
        dialect=dialect,
        config=config,
        enabled=True,
        checked_on=START.date(),
    )


def _accepts(name: str) -> tuple[Assessment, ...]:
    """Return what a partner takes by the directory that ships: the policy that home starts with has its tests by it."""
    return next((one.accepts for one in shipped_directory().partners if one.name == name), (Assessment.BASELINE,))
