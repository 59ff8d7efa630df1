"""Small policies and directories for the tests of this room, and Hypothesis' way to any facts, policy and directory."""

import json
from datetime import UTC, date, datetime
from typing import Any, cast

from hypothesis import strategies as st

from schemas.decision import Mode
from schemas.facts import Facts
from schemas.locator import LocationKind
from schemas.partner import Agreement, Directory, Partner, PartnerKind
from schemas.policy import Policy, When
from schemas.trace import VerdictKind
from schemas.vocabulary import (
    AccountRole,
    Assessment,
    Commerciality,
    Lane,
    SiteType,
    SourceKind,
    Urgency,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
TEST = {"given": {"assessment": "baseline"}, "expect": ["desk"]}


def policy_of(*routes: dict[str, Any], **more: Any) -> Policy:
    """A Belgian policy of these routes."""
    data = {"version": 1, "home": "BE", "route": list(routes), "tests": [TEST], **more}
    return Policy.model_validate_json(json.dumps(data))


def partner(name: str, *countries: str, kind: PartnerKind = PartnerKind.HOTLINE, **more: Any) -> Partner:
    """An enabled, checked partner that takes every assessment but "not illegal"."""
    given = {
        "enabled": True,
        "checked_on": date(2026, 11, 1),
        "accepts": (Assessment.BASELINE, Assessment.NATIONAL),
        **more,
    }
    return Partner(name=name, title=name.title(), kind=kind, countries=countries, **given)


NL = partner("hotline-nl", "NL")
CA = partner("hotline-ca", "CA")
POLICE = partner("police", "BE", kind=PartnerKind.POLICE, accepts=(Assessment.BASELINE, Assessment.UNASSESSED))


def directory_of(*partners: Partner, **more: Any) -> Directory:
    """A directory of these partners, else of the two hotlines and the police."""
    return Directory(version=7, partners=partners or (NL, CA, POLICE), **more)


def baseline(**more: Any) -> Facts:
    """Facts of a case that an analyst found illegal everywhere."""
    return Facts(**{"assessment": Assessment.BASELINE, **more})


COUNTRIES = st.sampled_from(["BE", "NL", "CA", "RU", "CW"])
MAYBE = st.none() | COUNTRIES
HOSTS = ("A" * 26, "B" * 26, "C" * 26)
NAMES = st.sampled_from(["hotline-nl", "hotline-ca", "hotline-ru", "police", "hotline-be", "hub"])

any_facts: st.SearchStrategy[Facts] = st.builds(
    Facts,
    kind=st.sampled_from(LocationKind),
    verdict=st.sampled_from(VerdictKind),
    reasons=st.lists(st.sampled_from(["onion", "platform", "shortener"]), max_size=2).map(tuple),
    hosting_country=MAYBE,
    registration_country=MAYBE,
    countries=st.lists(COUNTRIES, max_size=3).map(tuple),
    confidence=st.floats(0, 1),
    inhope=st.booleans(),
    iccam=st.booleans(),
    has_hotline=st.booleans(),
    assessment=st.sampled_from(Assessment),
    urgency=st.sampled_from(Urgency),
    site_type=st.none() | st.sampled_from(SiteType),
    commerciality=st.none() | st.sampled_from(Commerciality),
    account_country=MAYBE,
    account_abroad=st.booleans(),
    account_has_hotline=st.booleans(),
    account_role=st.sampled_from(AccountRole),
    source=st.sampled_from(["", "form"]),
    source_kind=st.sampled_from(SourceKind),
    lane=st.sampled_from(Lane),
    platform=st.none() | st.just("Example"),
    host_index=st.none() | st.sampled_from(HOSTS),
    networks=st.lists(st.sampled_from([64500, 64501, 64502]), max_size=2).map(tuple),
    operators=st.lists(st.sampled_from(["A Cloud", "home"]), max_size=2).map(tuple),
    flags=st.lists(st.sampled_from(["carries_email", "carries_session"]), max_size=2).map(tuple),
    moved=st.booleans(),
    bounced=st.integers(0, 3),
    still_there=st.integers(0, 3),
    path=st.lists(NAMES, max_size=2).map(tuple),
)


def _some(values: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=3).map(tuple)


_COUNTRY_WORDS = st.booleans() | _some(["home", "BE", "NL", "CA"])
#: A value for each condition that a rule can have.
_CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "kind": _some(LocationKind),
    "verdict": _some(VerdictKind),
    "reasons": st.booleans() | _some(["onion", "platform"]),
    "hosting_country": _COUNTRY_WORDS,
    "registration_country": _COUNTRY_WORDS,
    "countries": _COUNTRY_WORDS,
    "confidence_below": st.floats(0.01, 1),
    "inhope": st.booleans(),
    "iccam": st.booleans(),
    "has_hotline": st.booleans(),
    "assessment": _some(Assessment),
    "urgency": _some(Urgency),
    "site_type": st.booleans() | _some(SiteType),
    "commerciality": st.booleans() | _some(Commerciality),
    "account_country": _COUNTRY_WORDS,
    "account_abroad": st.booleans(),
    "account_has_hotline": st.booleans(),
    "account_role": _some(AccountRole),
    "source": st.booleans() | _some(["form", "home"]),
    "source_kind": _some(SourceKind),
    "lane": _some(Lane),
    "platform": st.booleans() | _some(["Example", "home"]),
    "host_index": _some(HOSTS),
    "networks": st.booleans() | _some([64500, 64501]),
    "operators": st.booleans() | _some(["A Cloud", "home"]),
    "flags": st.booleans() | _some(["carries_email"]),
    "moved": st.booleans(),
    "bounced_at_least": st.integers(1, 3),
    "still_there_at_least": st.integers(1, 3),
    "path": st.booleans() | _some(["police"]),
}


@st.composite
def any_when(draw: st.DrawFn) -> When:
    """Any conditions, few of them, so that they often hold."""
    keys = draw(st.lists(st.sampled_from(list(_CONDITIONS)), max_size=3, unique=True))
    return When(**{key: draw(_CONDITIONS[key]) for key in keys})


@st.composite
def any_route(draw: st.DrawFn, position: int) -> dict[str, Any]:
    """Any route that makes sense."""
    words = ["desk", "hotline:hosting_country", "hotline:account_country", "hotline:NL", "hotline:RU", "police", "hub"]
    to = draw(st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True))
    route: dict[str, Any] = {"name": f"route-{position}", "to": to, "copy": draw(st.booleans())}
    route["when"] = draw(any_when()).model_dump(mode="json", exclude_none=True)
    route["mode"] = draw(st.sampled_from(Mode)).value
    if to == ["desk"] and not route["copy"]:
        route["proposal"] = draw(st.booleans())
    if draw(st.booleans()):
        route |= {"hold": "48h", "reason": "police clearance"}
    return route


@st.composite
def any_policy(draw: st.DrawFn) -> Policy:
    """Any policy of up to five routes, with or without a barred country."""
    routes = [draw(any_route(position)) for position in range(draw(st.integers(1, 5)))]
    barred = draw(st.sampled_from([{}, {"RU": "no transfer basis"}, {"CA": "an embargo", "RU": "no transfer basis"}]))
    return policy_of(*routes, barred=barred)


@st.composite
def any_directory(draw: st.DrawFn) -> Directory:
    """Any standing of a few partners, with ourselves, a barred one, a hub and a territory among them."""
    kinds = {"police": PartnerKind.POLICE, "hub": PartnerKind.HUB}
    places = {"police": ("BE",), "hub": draw(st.sampled_from([("NL", "RU"), ("CA",), ()]))}
    names = draw(st.lists(NAMES, unique=True, max_size=6))
    partners = tuple(
        Partner(
            name=name,
            title=name,
            kind=kinds.get(name, PartnerKind.HOTLINE),
            countries=places.get(name, (name[-2:].upper(),)),
            default=draw(st.booleans()) and name != "police",
            enabled=draw(st.booleans()),
            checked_on=draw(st.none() | st.just(TODAY)),
            agreement=Agreement(until=draw(_dates), transfer_until=draw(_dates)),
            accepts=tuple(draw(st.sets(st.sampled_from(Assessment)))),
        )
        for name in names
    )
    assumed = draw(st.sampled_from([{}, {"CW": "a separate country"}]))
    return Directory(partners=partners, territories={"CW": "NL"}, assumed=cast("dict[str, str]", assumed))


_dates = st.sampled_from([None, date(2026, 11, 21), TODAY, date(2027, 1, 1)])
