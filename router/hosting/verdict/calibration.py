"""How often each pattern of evidence is right: measured on truth data, committed with its date, read at run time.

`benchmarks/calibrate.py` writes `router/data/calibration.json`. Nothing here is fitted, weighted or guessed. A
pattern that was seen in few networks gets Laplace's estimate, a pattern that was never seen gets nothing. No operator
carries a pattern: of the networks of one AS a bounded number counts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from router.errors import CannotStart
from router.hosting.verdict.pattern import Pattern

SHIPPED = Path(__file__).parent.parent.parent / "data" / "calibration.json"
#: Below this number of distinct networks Laplace's rule of succession is taken instead of the share itself: as if one
#: network more had been right, and one more wrong. On ASes that no table saw it comes nearer to what is right than
#: Wilson's lower bound (ADR 0006), and of what was never wrong it wants eight networks for 0.90.
ENOUGH_NETWORKS = 30
#: A share that was measured of one source and is asked for another counts as seen in this many networks at most. The
#: share itself is not touched, only how sure one may be of it: two witnesses that agree, one of them unmeasured, are
#: still believed (0.90), and an unmeasured one against another is a doubt for people.
BORROWED_NETWORKS = 10
#: What is asked for is what the registry says; there is nothing to estimate.
BY_DEFINITION = {Pattern.REGISTRATION: 1.0}
#: Measured together, for their doubt is one: an operator that publishes its addresses does not list this one, or lists
#: it without a place. Who else agrees helps little then: what it is, or since when, nobody else knows yet.
TOGETHER = (
    frozenset(
        {
            Pattern.ALL_AGREE_UNLISTED,
            Pattern.GEO_REGISTRY_UNLISTED,
            Pattern.GEO_ALONE_UNLISTED,
            Pattern.RANGE_UNPLACED,
        }
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """How one pattern did. A network (/24, or /48 in IPv6) counts once, however many of its addresses were seen."""

    networks: int
    right: float  #: sum over networks of the share of their rows that are right
    rows: int
    systems: int = 0  #: how many autonomous systems they lie in; one counts as a bounded number of networks

    @property
    def confidence(self) -> float:
        """The share right; Laplace's estimate of it when few networks were seen, and never certainty."""
        if not self.networks:
            return 0.0
        if self.networks < ENOUGH_NETWORKS:
            return laplace(self.right, self.networks)
        # Where none was wrong, Jeffreys' estimate of the share (the mean under his prior, as if half a one had been).
        return min(self.right / self.networks, (self.networks + 0.5) / (self.networks + 1))

    @property
    def borrowed(self) -> float:
        """The estimate for a source that was never measured in this pattern, but plays the part of one that was."""
        if not self.networks:
            return 0.0
        counted = min(self.networks, BORROWED_NETWORKS)
        return laplace(counted * self.right / self.networks, counted)

    def __add__(self, other: "Measured") -> "Measured":
        """Return both together; an AS in both counts in both."""
        return Measured(
            networks=self.networks + other.networks,
            right=self.right + other.right,
            rows=self.rows + other.rows,
            systems=max(self.systems, other.systems),
        )


class Calibration:
    """The table of patterns."""

    def __init__(self, patterns: Mapping[str, Measured], date: str = "") -> None:
        """Keep the measured patterns and the date of the measurement."""
        self.patterns = patterns
        self.date = date
        joined = _joined(patterns)
        self._confidence = {name: round(measured.confidence, 4) for name, measured in joined.items()}
        self._borrowed = {name: round(measured.borrowed, 4) for name, measured in joined.items()}

    @classmethod
    def load(cls, file: Path = SHIPPED) -> Self:
        """Read the committed table. Raises `CannotStart` when it cannot be read."""
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            rows = {
                name: Measured(row["networks"], row["right"], row["rows"], row["systems"])
                for name, row in content["patterns"].items()
            }
            return cls(rows, content["date"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CannotStart("the confidence table cannot be read; install again") from error

    def confidence(self, pattern: Pattern, *, borrowed: bool = False) -> float:
        """Return the measured share right of a pattern, 0 for one that was never measured.

        `borrowed`: a source plays a part in it that was measured of another one (`pattern.unmeasured`).
        """
        known = BY_DEFINITION.get(pattern)
        if known is not None:
            return known
        return (self._borrowed if borrowed else self._confidence).get(pattern, 0.0)


def _joined(patterns: Mapping[str, Measured]) -> dict[str, Measured]:
    """Give the patterns of each group of `TOGETHER` the group's count."""
    joined = dict(patterns)
    for group in TOGETHER:
        members = group & patterns.keys()
        whole = sum((patterns[name] for name in members), Measured(0, 0.0, 0))
        joined.update(dict.fromkeys(members, whole))
    return joined


def laplace(right: float, count: int) -> float:
    """Return the rule of succession's estimate of a share, after `right` of `count` (Laplace 1774)."""
    return (right + 1) / (count + 2)
