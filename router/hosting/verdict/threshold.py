"""What a threshold costs: how many countries are wrong among those that it lets through without a person.

Measured with the confidence table and committed beside it: each AS was scored by a table that never saw it, so these
are operators that nobody measured. Virtual relays are sold as of countries that they do not stand in.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from router.errors import CannotStart
from router.hosting.verdict.calibration import SHIPPED

#: What is told, and the strata of the truth that it is told of.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "clouds": ("aws", "gcp", "azure", "oracle", "digitalocean"),
    "middle hosters": ("mid_hosters",),
    "small hosters": ("small_hosters", "small_hosters2"),
    "relays": ("relays", "relays26"),
    "single servers": ("resolvers", "iperf"),
    "backbone sites": ("backbone_sites",),
    "virtual relays": ("relays_virtual",),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a threshold gives in one group of hosts, and how much of that is wrong."""

    rows: int
    given: int
    wrong: int

    @property
    def wrong_of_thousand(self) -> int:
        """Wrong countries among a thousand that are given."""
        return round(1000 * self.wrong / self.given) if self.given else 0

    @property
    def to_people(self) -> float:
        """Share of all that goes to people, 0 to 1."""
        return 1 - self.given / self.rows


def costs(threshold: float, file: Path = SHIPPED) -> dict[str, Cost]:
    """Return what a `confidence_below` costs, by group, as at the nearest threshold not above it that was measured.

    Raises `CannotStart` when the table cannot be read.
    """
    try:
        measured = json.loads(file.read_text(encoding="utf-8"))["thresholds"]
        least = min(measured, key=float)
        strata = measured[max((at for at in measured if float(at) <= threshold), key=float, default=least)]
        return {
            group: Cost(*(sum(strata[name][at] for name in names) for at in range(3)))
            for group, names in GROUPS.items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise CannotStart("the confidence table cannot be read; install again") from error


def _sum(counts: Sequence[Sequence[int]]) -> Cost:
    rows, given, wrong = (sum(one[at] for one in counts) for at in range(3))
    return Cost(rows, given, wrong)
