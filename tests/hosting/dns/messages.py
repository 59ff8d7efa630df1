"""DNS messages of every kind that a server, a resolver or a filter may send, made with dnspython: a strategy.

Response code (twelve bits) x extended errors x flags x sections. `Reply` says beside the bytes what is in them, in
words of the test, so that a rule can be checked without asking either reader.
"""

from dataclasses import dataclass

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from hypothesis import strategies as st

from router.hosting.dns.answer import A

ASKED = "www.a.test"
#: Codes that say something, that fail, and that only look as the first two to who reads four bits of twelve.
CODES = st.sampled_from([0, 0, 0, 3, 3, 2, 5, 1, 6, 16, 19, 23, 32, 4080, 4083])
#: Extended errors that filters and stale caches send, and others that change nothing.
ERRORS = st.lists(st.sampled_from([0, 3, 4, 6, 13, 15, 16, 17, 18, 19, 22, 23, 29, 49152]), max_size=2)
LABELS = st.text("abcXYZ019-_", min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: ".".join(labels) + ".test.")
OWNERS = st.one_of(st.just(f"{ASKED}."), NAMES)
TTLS = st.integers(0, 2**31 - 1)
RECORDS = st.one_of(
    st.tuples(OWNERS, TTLS, st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(OWNERS, TTLS, st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(OWNERS, TTLS, st.just("CNAME"), NAMES),
    st.tuples(OWNERS, TTLS, st.just("TXT"), st.just('"v=spf1 -all"')),
    st.tuples(OWNERS, TTLS, st.just("MX"), NAMES.map(lambda name: f"10 {name}")),
    st.tuples(st.sampled_from(["a.test.", "test.", f"{ASKED}.", "b.test."]), TTLS, st.just("DNAME"), NAMES),
)
#: Whose SOA stands beside an absence: the name's own zone, one above it, the root; or a filter's, or a neighbour's.
ZONES = st.sampled_from([f"{ASKED}.", "a.test.", "test.", ".", "rpz.block.", "b.test.", "w.a.test.", "ww.a.test."])
SOAS = st.tuples(ZONES | NAMES, TTLS, TTLS).map(
    lambda p: dns.rrset.from_text(p[0], p[1], "IN", "SOA", f"a. b. 1 2 3 4 {p[2]}")
)
SERVERS = st.tuples(st.sampled_from([".", "test.", "a.test.", f"{ASKED}."]), TTLS).map(
    lambda p: dns.rrset.from_text(p[0], p[1], "IN", "NS", "ns.elsewhere.test.")
)
GLUE = st.just(dns.rrset.from_text("ns.elsewhere.test.", 60, "IN", "A", "192.0.2.53"))


@dataclass(frozen=True)
class Reply:
    """A reply to the question for `ASKED`, and what is in it."""

    data: bytes
    code: int
    errors: frozenset[int]
    authoritative: bool
    recursive: bool
    message: dns.message.Message


@st.composite
def replies(draw: st.DrawFn, kind: int = A) -> Reply:
    """Draw a well-formed reply."""
    question = dns.message.make_query(ASKED, dns.rdatatype.RdataType(kind), use_edns=0)
    reply = dns.message.make_response(question, recursion_available=draw(st.booleans()))
    if authoritative := draw(st.booleans()):
        reply.flags |= dns.flags.AA
    errors, code = draw(ERRORS), draw(CODES)
    if errors or code > 15 or draw(st.booleans()):
        texts = st.sampled_from([None, "", "blocked by the operator", "\0"])
        other = [dns.edns.CookieOption(b"12345678", b"")] if draw(st.booleans()) else []
        said = [dns.edns.EDEOption(one, draw(texts)) for one in errors]
        reply.use_edns(0, 0, 1232, options=draw(st.permutations([*other, *said])))
    else:
        reply.use_edns(-1)
    reply.set_rcode(dns.rcode.Rcode(code))
    _fill(draw, reply)
    return Reply(
        reply.to_wire(max_size=65_535),
        code,
        frozenset(errors),
        authoritative,
        bool(reply.flags & dns.flags.RA),
        reply,
    )


def _fill(draw: st.DrawFn, reply: dns.message.Message) -> None:
    aliased = set()
    for owner, ttl, kind, value in draw(st.lists(RECORDS, max_size=draw(st.sampled_from([0, 1, 8])))):
        if kind in ("CNAME", "DNAME"):
            if (kind, owner.lower()) in aliased:
                continue
            aliased.add((kind, owner.lower()))
        reply.answer.append(dns.rrset.from_text(owner, ttl, "IN", kind, value))
    reply.authority += draw(st.lists(st.one_of(SOAS, SERVERS), max_size=2))
    reply.additional += draw(st.lists(GLUE, max_size=1))
