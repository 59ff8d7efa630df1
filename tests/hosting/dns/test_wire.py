"""The reader of packets, with dnspython as oracle over generated, mutated and random messages."""

import time
from contextlib import suppress

import dns.exception
import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.dns import wire
from router.hosting.dns.answer import AAAA, A, DnsAnswer
from router.hosting.dns.plain import answer_of
from schemas.trace import DnsOutcome
from tests.hosting.dns.messages import ASKED, Reply, replies


def ours(data: bytes, kind: int = A) -> DnsAnswer:
    return wire.read(data, ASKED, wire.question(ASKED, kind))


def theirs(data: bytes) -> DnsAnswer:
    return answer_of(dns.message.from_wire(data, one_rr_per_rrset=True))


def meaning(answer: DnsAnswer) -> tuple[object, ...]:
    """Return what two readers have to agree on: dnspython merges equal records and takes a set's lowest TTL."""
    aliases = {owner: target for owner, (target, _) in answer.aliases.items()}
    found = {(owner, address) for owner, address, _ in answer.found}
    return answer.outcome, aliases, found, answer.negative_ttl, answer.stale


@given(replies())
def test_well_formed_replies_are_read_as_dnspython_reads_them(reply: Reply) -> None:
    assert meaning(ours(reply.data)) == meaning(theirs(reply.data))


@given(replies())
def test_the_whole_response_code_and_all_extended_errors_are_read(reply: Reply) -> None:
    answer = ours(reply.data)
    if reply.errors & {4, 15, 16, 17, 18}:
        assert answer.outcome is DnsOutcome.FILTERED
    elif reply.code not in (0, 3):
        old = bool(reply.errors & {3, 19})  # whoever says that it is old says nothing of now
        assert answer.outcome is (DnsOutcome.STALE if old else DnsOutcome.SERVFAIL)
    else:
        assert answer.outcome is not DnsOutcome.FILTERED
        # "There is no such name", and an address of it: the one reply with a good code that says nothing of the name.
        addresses = any(found.rdtype in (A, AAAA) for found in reply.message.answer)
        assert answer.outcome is not DnsOutcome.SERVFAIL or (reply.code == 3 and addresses)
        assert answer.stale <= bool(reply.errors & {3, 19})


@given(replies(), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_replies_are_read_alike_or_refused(reply: Reply, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(reply.data)
    places = [2, 3, *range(6, wire.HEADER), *range(wire.HEADER + 16, len(damaged))]  # all but id and question
    for place, value in changes:
        damaged[places[place % len(places)]] = value
    mutated = bytes(damaged)
    with suppress(wire.Malformed, dns.exception.DNSException, ValueError):
        answer, other = ours(mutated), theirs(mutated)
        assert answer.outcome is other.outcome
        assert {found[:2] for found in answer.found} == {found[:2] for found in other.found}
        assert (answer.negative_ttl is None) == (other.negative_ttl is None)


@given(st.binary(max_size=400), st.sampled_from([A, AAAA]))
def test_any_bytes_after_a_good_question_are_read_or_refused(rest: bytes, kind: int) -> None:
    asked = wire.question(ASKED, kind)
    for counts in (b"\0\1\0\1\0\0\0\0", b"\0\1\xff\xff\xff\xff\xff\xff", b"\0\1\0\0\0\2\0\0"):
        with suppress(wire.Malformed):
            assert isinstance(wire.read(b"\0\0\x81\x80" + counts + asked + rest, ASKED, asked), DnsAnswer)


@given(replies(), st.integers(0, 2000))
def test_a_reply_cut_anywhere_is_read_or_refused(reply: Reply, size: int) -> None:
    asked = wire.question(ASKED, A)
    cut = reply.data[: max(wire.HEADER + len(asked), size % len(reply.data))]
    with suppress(wire.Malformed):
        wire.read(cut, ASKED, asked)


@pytest.mark.parametrize(
    "name",
    [
        b"\xc0\x1e",  # a pointer to itself
        b"\xc0\xff",  # forwards
        b"\x01a\xc0\x1c",  # a label, then back to its own start
        b"\x40" + b"a" * 64 + b"\0",  # a label longer than 63
        b"\x3f" + b"a" * 63 + b"\x3f" + b"b" * 63 + b"\x3f" + b"c" * 63 + b"\x3f" + b"d" * 63 + b"\x3f",
        b"\x05abc",  # cut within a label
        b"",
    ],
)
def test_names_that_never_end_are_refused(name: bytes) -> None:
    asked = wire.question(ASKED, A)
    head = b"\0\0\x81\x80\0\1\0\1\0\0\0\0" + asked
    with pytest.raises(wire.Malformed):
        wire.read(head + name + b"\0\1\0\1\0\0\0\5\0\4\1\2\3\4", ASKED, asked)


def test_a_packet_of_pointers_costs_no_more_than_its_size(slowness: float) -> None:
    """64 kB of records whose owners all point to one long name: read once, not 5,000 times."""
    asked = wire.question(ASKED, A)
    long_name = b"\x01a" * 126 + b"\0"
    first = long_name + b"\0\1\0\1\0\0\0\5\0\4\3\x78\0\1"
    pointer = (0xC000 | (wire.HEADER + len(asked))).to_bytes(2, "big")
    data = b"\0\0\x81\x80\0\1\x0f\xa1\0\0\0\0" + asked + first + (pointer + b"\0\1\0\1\0\0\0\5\0\4\3\x78\0\1") * 4000
    start = time.process_time()
    assert len(wire.read(data, ASKED, asked).found) == 4001
    assert time.process_time() - start < slowness


def test_questions_are_what_dnspython_would_ask() -> None:
    for kind in (A, AAAA):
        packet = wire.query(4711, wire.question(ASKED, kind), edns=True)
        message = dns.message.from_wire(packet)
        assert (message.id, message.edns, message.payload) == (4711, 0, 1232)
        assert message.question[0].to_text() == f"{ASKED}. IN {dns.rdatatype.to_text(dns.rdatatype.RdataType(kind))}"
        assert dns.message.from_wire(wire.query(1, wire.question(ASKED, kind), edns=False)).edns == -1


def test_only_a_reply_with_our_question_counts() -> None:
    asked = wire.question(ASKED, A)
    reply = b"\0\0\x81\x80\0\1\0\0\0\0\0\0" + asked
    assert wire.echoes(reply, asked)
    assert wire.echoes(reply.replace(b"www", b"WwW"), asked)
    assert not wire.echoes(reply.replace(b"www", b"wwx"), asked)
    assert not wire.echoes(b"\0\0\x01\x00" + reply[4:], asked)  # a question, not a reply
    assert not wire.echoes(reply[:4] + b"\0\2" + reply[6:], asked)
    assert not wire.echoes(reply[:-1], asked)


def test_ttls_beyond_rfc_2181_are_zero() -> None:
    asked = wire.question(ASKED, A)
    data = b"\0\0\x81\x80\0\1\0\1\0\0\0\0" + asked + b"\xc0\x0c\0\1\0\1\x80\0\0\0\0\4\1\2\3\4"
    assert wire.read(data, ASKED, asked).found[0].ttl == 0


@pytest.mark.parametrize(
    ("code", "outcome"), [(0, "ok"), (3, "nxdomain"), (2, "servfail"), (5, "servfail"), (1, "servfail")]
)
def test_response_codes(code: int, outcome: str) -> None:
    asked = wire.question(ASKED, A)
    data = b"\0\0\x81" + bytes((0x80 | code,)) + b"\0\1\0\0\0\0\0\0" + asked
    assert wire.read(data, ASKED, asked).outcome is DnsOutcome(outcome)
    assert wire.is_format_error(data) == (code == 1)


@pytest.mark.parametrize("name", ["a.test", "_dmarc.a-b.test", "a" * 63 + ".test"])
def test_names_that_can_be_asked_for(name: str) -> None:
    assert wire.is_plain(name)


@pytest.mark.parametrize("name", ["", "a..test", "A.test", "a" * 64, "a\\000.test", "a." * 126 + "test"])
def test_names_that_cannot(name: str) -> None:
    assert not wire.is_plain(name)
