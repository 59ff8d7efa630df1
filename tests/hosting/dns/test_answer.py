"""What a reply means: which "no" is proven, who is lame, who filters. Each row is a reply that a name server gives."""

from ipaddress import ip_address
from itertools import pairwise
from typing import Any

import pytest

from router.hosting.dns.answer import DnsAnswer, Found, Said, concluded, is_at_or_above, more_telling
from schemas.trace import DnsOutcome

NAME = "www.a.test"
#: A resolver's reply without anything in it: no error, recursion available, no records.
EMPTY = Said(0, authoritative=False, recursive=True, aliases={}, found=())
HERE = (Found(NAME, ip_address("3.120.0.1"), 60),)
ZONE = ("a.test", 60)
ALIAS = {NAME: ("far.b.test", 60)}


def means(**changed: Any) -> DnsAnswer:
    return concluded(NAME, EMPTY._replace(**changed))


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("zone", [NAME, "a.test", "test", ""])
def test_a_no_is_proven_by_the_zone_at_or_above_the_name(code: int, zone: str) -> None:
    assert means(code=code, zone=(zone, 60)) == DnsAnswer(
        DnsOutcome.NXDOMAIN if code else DnsOutcome.OK, negative_ttl=60
    )


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("zone", [None, ("rpz.block", 60), ("b.test", 60), ("ww.a.test", 60), ("x.www.a.test", 60)])
def test_without_it_a_no_proves_nothing(code: int, zone: tuple[str, int] | None) -> None:
    assert means(code=code, zone=zone).negative_ttl is None


def test_it_has_to_be_the_zone_of_the_name_that_the_aliases_end_at() -> None:
    assert means(code=3, aliases=ALIAS, zone=ZONE).negative_ttl is None
    assert means(code=3, aliases=ALIAS, zone=("b.test", 60)).negative_ttl == 60


@pytest.mark.parametrize("error", [4, 15, 16, 17, 18])
@pytest.mark.parametrize(
    "reply",
    [{"code": 3, "zone": ZONE}, {"zone": ZONE}, {"found": HERE}, {"code": 2}, {"code": 5}, {"recursive": False}],
    ids=["no name", "no data", "an address", "failed", "refused", "lame"],
)
def test_what_a_resolver_says_it_filtered_is_filtered_whatever_else_it_says(error: int, reply: dict[str, Any]) -> None:
    answer = means(**reply, errors=frozenset({error, 29}))
    assert (answer.outcome, answer.negative_ttl) == (DnsOutcome.FILTERED, None)
    assert answer.found == reply.get("found", ())  # shown to people, and no address of the host


@pytest.mark.parametrize("error", [3, 19])
def test_an_old_answer_is_no_proof_and_old_addresses_are_marked(error: int) -> None:
    old = frozenset({error})
    assert means(code=3, zone=ZONE, errors=old).outcome is DnsOutcome.STALE
    assert means(zone=ZONE, errors=old).outcome is DnsOutcome.STALE
    assert means(found=HERE, errors=old) == DnsAnswer(DnsOutcome.OK, {}, HERE, stale=True)


@pytest.mark.parametrize("error", [0, 6, 9, 22, 23, 49152])
def test_other_extended_errors_change_nothing(error: int) -> None:
    assert means(code=3, zone=ZONE, errors=frozenset({error})) == means(code=3, zone=ZONE)


@pytest.mark.parametrize("code", [1, 2, 4, 5, 6, 9, 16, 19, 23, 4080, 4083])
def test_any_other_code_is_a_failure_whatever_its_last_four_bits_are(code: int) -> None:
    assert means(code=code, zone=ZONE).outcome is DnsOutcome.SERVFAIL


@pytest.mark.parametrize(
    "reply",
    [
        {"recursive": False},
        {"recursive": False, "refers": True},
        {"recursive": False, "zone": ("rpz.block", 60)},
        {"refers": True},
        {"subtrees": ("a.test",), "zone": ZONE},
        {"subtrees": ("a.test",), "code": 3, "zone": ZONE},
        {"subtrees": ("a.test",), "authoritative": True},
    ],
    ids=["empty", "referral", "a neighbour's zone", "referral of a resolver", "dname", "dname and no", "own dname"],
)
def test_a_server_without_a_say_is_lame(reply: dict[str, Any]) -> None:
    assert means(**reply).outcome is DnsOutcome.LAME


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"authoritative": True, "recursive": False},
        {"recursive": False, "zone": ZONE},
        {"recursive": False, "code": 3},
        {"recursive": False, "aliases": ALIAS},
        {"recursive": False, "found": HERE},
        {"subtrees": (NAME,), "zone": ZONE},
        {"subtrees": ("a.test",), "aliases": ALIAS, "zone": ("b.test", 60)},
    ],
    ids=[
        "a forwarder",
        "authoritative",
        "zone",
        "no name",
        "leads on",
        "address",
        "of its own",
        "dname with its alias",
    ],
)
def test_others_are_not(reply: dict[str, Any]) -> None:
    assert means(**reply).outcome is not DnsOutcome.LAME


def test_an_address_says_nothing_of_absence() -> None:
    assert means(found=HERE, zone=ZONE).negative_ttl is None
    assert means(found=(HERE[0]._replace(owner="b.test"),), zone=ZONE).negative_ttl == 60


def test_a_circle_of_aliases_ends() -> None:
    circle = {NAME: ("b.test", 1), "b.test": (NAME, 1)}
    assert means(aliases=circle).aliases == circle


@pytest.mark.parametrize(
    ("owner", "name", "above"),
    [
        ("", NAME, True),
        ("", "", True),
        (NAME, NAME, True),
        ("test", NAME, True),
        ("a.test", "a.test.", False),
        ("w.a.test", NAME, False),
        ("est", NAME, False),
        (NAME, "test", False),
    ],
)
def test_above_means_whole_labels(owner: str, name: str, above: bool) -> None:
    assert is_at_or_above(owner, name) is above


def test_a_filter_tells_more_than_a_failure_and_that_more_than_silence() -> None:
    order = [DnsOutcome.TIMEOUT, DnsOutcome.SERVFAIL, DnsOutcome.LAME, DnsOutcome.STALE, DnsOutcome.FILTERED]
    for less, more in pairwise(order):
        one, other = DnsAnswer(less), DnsAnswer(more)
        assert more_telling(one, other) is more_telling(other, one) is other


def test_the_default_aliases_are_shared_and_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DnsAnswer(DnsOutcome.OK).aliases["a.test"] = ("b.test", 1)  # type: ignore[index] # what is forbidden


def test_an_address_of_a_name_that_does_not_exist_says_nothing_of_it() -> None:
    both = means(code=3, found=HERE)
    assert (both.outcome, both.found) == (DnsOutcome.SERVFAIL, ())
    assert means(found=HERE).outcome is DnsOutcome.OK
