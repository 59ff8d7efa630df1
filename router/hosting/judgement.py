"""What the shipped data say of an address: the words that its sources, the tracer and a bulk run share.

What is said alike of many networks is one object here, made once and found again by its identity: a bulk run meets a
million addresses, and judges some ten thousand times.
"""

from dataclasses import dataclass

from router.hosting.trusted import trusted
from router.hosting.verdict.network_kind import Signals
from schemas.trace import Address, Claim, Evidence, Ip, Verdict


class Statement:
    """What a source says alike of many networks: one object for each claim, so that answers can be found by it."""

    __slots__ = ("as_of", "claim", "detail", "source")

    def __init__(self, source: str, claim: Claim, as_of: str, detail: str) -> None:
        """Keep it."""
        self.source = source
        self.claim = claim
        self.as_of = as_of
        self.detail = detail

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
