"""What the shipped data say of an address: the words that its sources, the tracer and a bulk run share.

What is said alike of many networks is one object here, made once and found again by its identity: a bulk run meets a
million addresses, and judges some ten thousand times.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address
from socket import inet_ntoa
from typing import Final

from router.hosting.trusted import trusted
from router.hosting.verdict.network_kind import Signals
from schemas.trace import Address, Claim, Evidence, Ip, Verdict


class IpParts:
    """An address, taken apart once for all the sets that are asked about it. Readers of mmdb files take `packed`."""

    __slots__ = ("bits", "number", "packed", "version")

    def __init__(self, packed: bytes) -> None:
        """Take the octets of an address, most significant first."""
        self.packed = packed
        self.number = int.from_bytes(packed, "big")
        self.version, self.bits = (4, 32) if len(packed) == 4 else (6, 128)

    def prefix(self, length: int) -> str:
        """Write the network of `length` bits around the address."""
        return prefix_text(self.version, self.number >> (self.bits - length), length)


def prefix_text(version: int, network: int, length: int) -> str:
    """Write a network that is given by its leading `length` bits."""
    if version == 6:
        return f"{IPv6Address(network << (128 - length))}/{length}"
    return f"{inet_ntoa((network << (32 - length)).to_bytes(4, 'big'))}/{length}"


#: Stands for a prefix until it is filled in; what it stands in comes after the source, the claim and a date.
_MARK: Final = "0.0.0.0/prefix"


class Statement:
    """What a source says alike of many networks: one object for each claim, so that answers can be found by it."""

    __slots__ = ("_written", "as_of", "claim", "detail", "source")

    def __init__(self, source: str, claim: Claim, as_of: str, detail: str) -> None:
        """Keep it."""
        self.source = source
        self.claim = claim
        self.as_of = as_of
        self.detail = detail
        self._written: tuple[str, str] | None = None

    @property
    def written(self) -> tuple[str, str]:
        """What stands before the prefix, and after it, in the JSON of a piece of evidence that says this."""
        if self._written is None:
            before, _, after = self.of(_MARK).model_dump_json().partition(_MARK)
            self._written = before, after
        return self._written

    def of(self, prefix: str) -> Evidence:
        """Return it as it is said of one network."""
        fields = {
            "source": self.source,
            "claim": self.claim,
            "as_of": self.as_of,
            "prefix": prefix,
            "detail": self.detail,
        }
        return trusted(Evidence, fields)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What follows where the same is said: one object for many networks."""

    alike: Address  #: `ip`, the AS and the evidence are those of the first address that had it
    verdict: Verdict  #: of a host with such an address alone


@dataclass(slots=True, eq=False)
class Judgement:
    """What the embedded data say of an address, and of every other in the same networks."""

    answer: Answer
    said: tuple[tuple[Statement, str], ...]  #: each with the prefix it speaks for
    signals: Signals
    reach: int  #: length of the prefix in which all this is said of every address
    _evidence: tuple[Evidence, ...] | None = None

    def address(self, ip: Ip) -> Address:
        """Return the answer for `ip`."""
        if self._evidence is None:
            self._evidence = tuple(statement.of(prefix) for statement, prefix in self.said)
        signals = self.signals
        own = {"ip": str(ip), "asn": signals.asn, "as_name": signals.as_name, "evidence": self._evidence}
        return trusted(Address, {**self.answer.alike.__dict__, **own})
