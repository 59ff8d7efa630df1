"""The sentences of a trace that do not come from evidence: why there is no host, how DNS ended, what to be wary of.

Codes are for programs and stay; each sentence tells a person what to do next.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from schemas.trace import DnsOutcome, Reason

#: `Locator.no_host` -> why there is nothing to trace.
NO_HOST: Final[Mapping[str, str]] = {
    "onion": "An onion service hides where it runs; no country can be told. Send it to the police unit that works on "
    "such networks.",
    "i2p": "An I2P site hides where it runs; no country can be told. Send it to the police unit that works on such "
    "networks.",
    "magnet": "The content is shared between the users of a peer-to-peer network; there is no host. The content hash "
    "goes to the police.",
    "p2p": "The content is shared between the users of a peer-to-peer network; there is no host.",
    "ipfs": "The content is kept by whoever wants to keep it (IPFS); there is no host. Ask the gateways to block it.",
    "onion_gateway": "The address is a gateway; the material itself is on a hidden service, which hides where it "
    "runs. Send it to the police unit that works on such networks.",
    "ipfs_gateway": "The address is a gateway; the material itself is kept by whoever wants to keep it (IPFS), and "
    "stays there when this gateway blocks it. Ask the gateways to block it.",
    "private_address": "The address is private or local; nothing outside can reach it. Ask the reporter for the "
    "public one.",
    "private_name": "The name only has a meaning inside a local network. Ask the reporter for the public address.",
    "not_a_name": "This is no name of the public internet. Ask the reporter for the full address.",
    "other_root": "The name lives outside the DNS, in a block chain or an overlay network; no address can be told.",
    "platform": "The place is inside a platform; the account and the company decide who is told.",
    "email": "This is an e-mail address, not a place on the internet. Treat it as an account.",
    "phone": "This is a telephone number, not a place on the internet. Treat it as an account.",
    "payment_address": "This is a payment address, not a place on the internet. Treat it as an account.",
}
_NO_HOST_ELSE: Final = "There is no host to look up. A person decides who is told."

#: How resolution ended -> what that means. OK and PRIVATE are explained by the addresses.
OUTCOMES: Final[Mapping[DnsOutcome, str]] = {
    DnsOutcome.NXDOMAIN: "The name does not exist now. The material may be gone; it is looked at again before closing.",
    DnsOutcome.NODATA: "The name exists and has no address now. The material may be gone; it is looked at again "
    "before closing.",
    DnsOutcome.SERVFAIL: "The name's servers fail or refuse to answer. That says nothing of the material; look again "
    "later.",
    DnsOutcome.LAME: "The answer came from a server that is not the name's own and does not ask on. That says nothing "
    "of the material; look again later.",
    DnsOutcome.FILTERED: "A name server on our side filters this name: it says itself that its answer is blocked or "
    "forged. That says nothing of the material; look by another way, and tell the operator.",
    DnsOutcome.STALE: "The name server repeats an old answer, as it cannot reach the name's own servers now. That says "
    "nothing of the material; look again later.",
    DnsOutcome.TIMEOUT: "No name server answered in time. That says nothing of the material; look again later.",
    DnsOutcome.LOOP: "The name leads in a circle, or through more than 16 others. A person should look at it.",
}

#: One code for whatever a resolver itself says is not the name's own answer: policies and people ask for both alike.
_CODES: Final[Mapping[DnsOutcome, str]] = {DnsOutcome.STALE: DnsOutcome.FILTERED.value}

NOTES: Final[Mapping[str, str]] = {
    "offline": "Names are not looked up offline, so only addresses get a country. Run again without --offline.",
    "platform": "{company} runs this service, and its servers stand next to whoever asks: they say nothing of the "
    "case. Its seat is in {seat}; it takes reports at {reporting}.",
    "shortener": "A link shortener only sends visitors on. Follow it by the house's rules and report where it leads.",
    "link_wrapper": "The link only carries another location, and its server says nothing of where that is. Take the "
    "location inside it as a case of its own.",
    "serves_copy": "The server shows a copy of that location: both are locations. Once the inner one is a case of its "
    "own, this one is traced as the host of the copy.",
    "inner_unknown": "The link does not say where it leads. Follow it by the house's rules and say where it leads.",
    "parked": "The name leads to a parking service: the site was likely taken down or given up. Look whether it is "
    "still there.",
    "low_ttl": "The name's addresses may change within {ttl} s. They are looked up again right before sending.",
    "fast_flux": "The name's addresses change quickly between networks, as botnets do: each is likely a victim's "
    "machine. Inform the police beside the partner.",
    "mixed_private": "Beside public addresses the name has private ones, which were left out.",
    "many_addresses": "The name has more addresses than are judged; the first {most} were.",
    "half_answered": "One of the two look-ups (IPv4, IPv6) got no answer, so addresses may be missing.",
    "half_filtered": "One of the two look-ups (IPv4, IPv6) was filtered by a name server on our side, so addresses may "
    "be missing.",
    "stale_answer": "The name server repeats old addresses, as it cannot reach the name's own servers now: the host "
    "may have moved since.",
    "unproven": "The answer came without the word of the name's own zone, as filters answer: it does not prove that "
    "the material is gone.",
    "resolver_lies": "A name server of ours is known to lie: `doctor` says which. What it says of the name proves "
    "nothing.",
    "vantages_differ": "The resolvers gave different addresses: the host may answer each region differently. All were"
    " judged.",
    "origin_named": "The name leads to a CDN's edge; the addresses are those its operator named behind it.",
    "source_silent": "The online source {source} did not answer; the verdict stands on the others.",
    "source_unreadable": "What the online source {source} answered could not be read; the verdict stands on the others."
    " Tell those who run this router.",
}


def no_host(code: str) -> Reason:
    """Return the reason for a location without a host."""
    return Reason(code=code, text=NO_HOST.get(code, _NO_HOST_ELSE))


def outcome(ended: DnsOutcome) -> Reason:
    """Return the reason for a name without an address."""
    return Reason(code=_CODES.get(ended, ended.value), text=OUTCOMES[ended])


@lru_cache(maxsize=1024)
def note(code: str, **words: object) -> Reason:
    """Return a note; `words` fill its sentence."""
    return Reason(code=code, text=NOTES[code].format(**words))
