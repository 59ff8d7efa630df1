"""Whatever narrows where data go needs one person; whatever is in force at once sends nothing further than before."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.govern.narrowing import RULES, differences, fewer_territories, narrowed
from router.policy.serving import serving
from schemas.partner import Agreement, Directory, Pace, Partner, PartnerKind
from schemas.vocabulary import Assessment
from tests.policy.samples import directory_of, partner

LISTED = ("hosting", "note", "age")
FIELDS = (*LISTED, "gender")
NETWORKS = ("10.1.0.0/16", "10.2.0.0/16", "192.168.4.0/24")


def some(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


DAYS = st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
CONFIGS = st.fixed_dictionaries(
    {"url": st.sampled_from(("https://a.example/", "https://b.example/"))},
    optional={"keys": some("k1", "k2", "k3").map(list), "secrets": some("s1", "s2").map(list)},
)
PARTNERS_OF_ANY_KIND = st.builds(
    Partner,
    name=st.just("nl"),
    title=st.sampled_from(("NL", "Another title")),
    kind=st.sampled_from(PartnerKind),
    countries=some("NL", "BE", "DE").filter(bool),
    default=st.booleans(),
    inhope=st.booleans(),
    dialect=st.sampled_from(("router", "webhook")),
    config=CONFIGS,
    networks=some(*NETWORKS),
    enabled=st.booleans(),
    disabled_reason=st.one_of(st.none(), st.just("why")),
    checked_on=DAYS,
    agreement=st.builds(Agreement, until=DAYS, transfer_basis=st.one_of(st.none(), st.just("x")), transfer_until=DAYS),
    accepts=some(*Assessment),
    pace=st.builds(Pace, burst=st.integers(1, 9)),
    fields=st.one_of(st.none(), some(*FIELDS)),
    public_site=st.one_of(st.none(), st.just("https://nl.example")),
    source=st.one_of(st.none(), st.just("a list")),
)


def no_later(one: date | None, other: date | None) -> bool:
    return other is None or (one is not None and one <= other)


def sends_nothing_further(one: Partner, other: Partner) -> bool:
    """The order itself, written apart from the rules: nothing of a case reaches anybody by `one` and not by `other`."""
    pinned = all(set(one.config.get(name, ())) <= set(other.config.get(name, ())) for name in ("keys", "secrets"))
    settled = ("keys", "secrets")
    same = {k: v for k, v in one.config.items() if k not in settled} == {
        k: v for k, v in other.config.items() if k not in settled
    }
    lists = {
        name: set(getattr(one, name)) <= set(getattr(other, name)) for name in ("accepts", "countries", "networks")
    }
    flags = [getattr(one, name) <= getattr(other, name) for name in ("enabled", "default", "inhope")]
    fields = set(one.fields if one.fields is not None else LISTED) <= set(
        other.fields if other.fields is not None else LISTED
    )
    dates = no_later(one.agreement.until, other.agreement.until) and no_later(
        one.agreement.transfer_until, other.agreement.transfer_until
    )
    basis = one.agreement.transfer_basis in {None, other.agreement.transfer_basis}
    same_way = (one.name, one.kind, one.dialect) == (other.name, other.kind, other.dialect)
    return all((same, pinned, fields, dates, basis, same_way, *lists.values(), *flags))


@given(PARTNERS_OF_ANY_KIND, PARTNERS_OF_ANY_KIND)
def test_what_is_in_force_at_once_sends_nothing_further_than_before(before: Partner, wanted: Partner) -> None:
    kept = narrowed(before, wanted, LISTED)
    assert sends_nothing_further(kept, before)
    assert narrowed(kept, wanted, LISTED) == kept


@given(PARTNERS_OF_ANY_KIND, PARTNERS_OF_ANY_KIND)
def test_narrowing_never_waits(before: Partner, wanted: Partner) -> None:
    """A change that goes nowhere further is in force whole, whatever it is; one is made here from any two."""
    less = narrowed(before, wanted, LISTED)
    assert narrowed(before, less, LISTED) == less
    if sends_nothing_further(wanted, before) and wanted.config.keys() == before.config.keys():
        kept = narrowed(before, wanted, LISTED)
        assert {**kept.model_dump(), "disabled_reason": None} == {**wanted.model_dump(), "disabled_reason": None}


@given(PARTNERS_OF_ANY_KIND, PARTNERS_OF_ANY_KIND)
def test_a_partner_is_switched_off_whatever_else_is_asked(before: Partner, wanted: Partner) -> None:
    off = wanted.model_copy(update={"enabled": False, "disabled_reason": "they move"})
    kept = narrowed(before, off, LISTED)
    assert (kept.enabled, kept.disabled_reason) == (False, "they move")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config", {"url": "https://b.example/"}),
        ("config", {"url": "https://a.example/", "keys": ["k1", "k9"]}),
        ("networks", ("10.1.0.0/16",)),
        ("dialect", "webhook"),
        ("kind", PartnerKind.POLICE),
        ("enabled", True),
        ("countries", ("NL", "BE")),
        ("accepts", (Assessment.BASELINE, Assessment.NATIONAL)),
        ("fields", (*LISTED, "gender")),
        ("default", True),
        ("inhope", True),
        ("agreement", Agreement(until=date(2028, 1, 1))),
        ("agreement", Agreement(until=date(2027, 1, 1), transfer_basis="Art. 49")),
    ],
)
def test_what_widens_stays_as_it_was(name: str, value: Any) -> None:
    before = Partner(
        name="nl",
        title="NL",
        kind=PartnerKind.HOTLINE,
        countries=("NL",),
        config={"url": "https://a.example/", "keys": ["k1"]},
        agreement=Agreement(until=date(2027, 1, 1)),
    )
    assert narrowed(before, before.model_copy(update={name: value}), LISTED) == before


def test_every_field_of_a_partner_has_its_rule() -> None:
    assert RULES.keys() == Partner.model_fields.keys()


def test_who_serves_a_territory_is_taken_back_by_one() -> None:
    before = Directory(territories={"PR": "US", "GL": "DK"}, assumed={"GL": "asked nobody"})
    wanted = Directory(territories={"PR": "ES"}, assumed={})
    assert fewer_territories(before, wanted).territories == {}
    same = Directory(territories={"PR": "US", "GL": "DK"}, assumed={})
    assert fewer_territories(before, same).assumed == {"GL": "asked nobody"}
    more = Directory(territories=before.territories, assumed={"GL": "asked nobody", "PR": "asked nobody"})
    assert fewer_territories(before, more).assumed == more.assumed


def test_differences_are_named_to_the_field() -> None:
    found = {
        one.field: (one.was, one.becomes)
        for one in differences({"config": {"url": "a"}, "enabled": False}, {"config": {"url": "b"}, "enabled": True})
    }
    assert found == {"config.url": ('"a"', '"b"'), "enabled": ("false", "true")}
    assert [one.was for one in differences(None, {"title": "x"})] == [None]


def test_what_one_narrows_may_re_route_a_country_to_another_that_the_directory_has() -> None:
    """ADR 0008 says so: one alone takes DE from the default, and the other hotline of DE gets it, as it stands."""
    first, other = (partner(name, "DE", "AT", default=name == "first") for name in ("first", "other"))
    kept = narrowed(first, first.model_copy(update={"countries": ("AT",)}))
    assert serving(directory_of(first, other), "DE") == first
    assert serving(directory_of(kept, other), "DE") == other


KEY = {"id": "nl-1", "public": "x", "not_before": None, "not_after": None}


@pytest.mark.parametrize(
    ("stands", "wanted", "kept"),
    [
        (None, "2026-11-20T00:00:00+00:00", "2026-11-20T00:00:00+00:00"),
        ("2026-12-01T00:00:00Z", "2026-11-20T00:00:00+00:00", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-11-20T00:00:00Z", None, "2026-11-20T00:00:00Z"),
    ],
)
def test_a_key_is_ended_sooner_by_one_person_and_never_later(stands: str | None, wanted: str | None, kept: str) -> None:
    in_force = partner("nl").model_copy(update={"config": {"keys": [KEY | {"not_after": stands}]}})
    change = partner("nl").model_copy(update={"config": {"keys": [KEY | {"not_after": wanted}]}})
    assert narrowed(in_force, change).config["keys"][0]["not_after"] == kept


def test_another_key_under_the_same_id_is_no_end_of_it() -> None:
    in_force = partner("nl").model_copy(update={"config": {"keys": [KEY]}})
    other = KEY | {"public": "y", "not_after": "2026-11-20T00:00:00Z"}
    change = partner("nl").model_copy(update={"config": {"keys": [other]}})
    assert narrowed(in_force, change).config["keys"] == [KEY]
