"""How the three instances are governed: home by the policy it ships with, its partners by a desk of their own people.

Keys are pinned as two operators would do it: each is told the other's address, name and public key beforehand.
"""

from collections.abc import Mapping
from typing import Any, Final

from router.demo.pipe_messages import Govern, Ready, Secret
from router.world.story import CANADA, HOME, NETHERLANDS, POLICE, SITES, START, Site
from schemas.partner import Partner, PartnerKind

#: Under which name home keeps the secret that it shares with the police.
SECRET: Final = "federal-police-webhook"  # noqa: S105 - the name of a secret
_TITLES: Final = {
    HOME: "Child Focus (simulated)",
    NETHERLANDS: "Meldpunt Offlimits (simulated)",
    CANADA: "Cybertip.ca (simulated)",
    POLICE: "Federal Police (simulated)",
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


def of(name: str, ready: Mapping[str, Ready], secret: str) -> Govern:
    """Return what the instance `name` is told; `ready` says under which keys all instances are known."""
    sites = {site.partner: site for site in SITES}
    if name == HOME:
        peers = tuple(_peer(sites[other], ready[other]) for other in (NETHERLANDS, CANADA))
        return Govern(partners=(*peers, _police(sites[POLICE])), secrets=(Secret(name=SECRET, value=secret),))
    policy = _PARTNERS_POLICY.format(home=sites[name].country)
    return Govern(policy=policy, partners=(_peer(sites[HOME], ready[HOME]),))


def _peer(site: Site, ready: Ready) -> Partner:
    key = {"id": ready.key_id, "public": ready.public_key}
    config = {"url": f"https://{site.host}/", "peer": site.partner, "keys": [key]}
    return _partner(site, PartnerKind.HOTLINE, "router", config, inhope=site.country != "CA")


def _police(site: Site) -> Partner:
    return _partner(site, PartnerKind.POLICE, "webhook", _webhook(site))


def _webhook(site: Site) -> dict[str, Any]:
    return {"url": f"https://{site.host}/intake", "secrets": [SECRET], "receipt_pointer": "/receipt"}


def _partner(site: Site, kind: PartnerKind, dialect: str, config: dict[str, Any], *, inhope: bool = False) -> Partner:
    return Partner(
        name=site.partner,
        title=_TITLES[site.partner],
        kind=kind,
        countries=(site.country,),
        default=kind is PartnerKind.HOTLINE,
        inhope=inhope,
        dialect=dialect,
        config=config,
        enabled=True,
        checked_on=START.date(),
    )
