"""State each row's confidence by a table that never saw it, and count what a threshold gives and gets wrong."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.reliability import Point
from benchmarks.truth import CLOUDS, VIRTUAL, Observed, measure
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import CONTRADICTIONS
from router.hosting.verdict.second import Edition, Second

#: Where the curve is measured: below this the case goes to the desk (a policy's `confidence_below`).
THRESHOLDS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Scored:
    """One row with the confidence that a table which never saw it states."""

    seen: Observed
    confidence: float

    def given(self, threshold: float) -> bool:
        """Whether a country is given without a person, from a threshold on."""
        found = self.seen.found
        return found.country is not None and self.confidence >= threshold and found.pattern not in CONTRADICTIONS


def by_block(row: Observed) -> Hashable:
    """Keep a /16 (IPv6 /32) apart: so is a network scored that lies beside known ones."""
    return row.known.fold


def by_system(row: Observed) -> Hashable:
    """Keep an AS apart: so is an operator scored that nobody measured, the harder question and the honest forecast."""
    return row.system


#: What stays together on one side when scored. What is stated and gated goes by AS.
APART: Mapping[str, Callable[[Observed], Hashable]] = {"folds by AS": by_system, "folds by /16": by_block}


class CrossFit:
    """The tables that never saw a part of the truth; each is measured once."""

    def __init__(
        self, fitted_on: Sequence[Observed], apart: Callable[[Observed], Hashable], second: Edition | None = None
    ) -> None:
        """Take what tables are measured on, which rows stay together, and the second geolocator that is heard."""
        self._fitted_on, self._apart, self._edition = fitted_on, apart, second
        self._tables: dict[Hashable, Calibration] = {}
        self._seconds: dict[Hashable, Second] = {}

    def score(self, rows: Iterable[Observed]) -> list[Scored]:
        """State each row's confidence by the table measured without the row's part."""
        return [self._score(row) for row in rows]

    def _score(self, row: Observed) -> Scored:
        part = self._apart(row)
        confidence = self._table(part).confidence(row.found.pattern)
        if self._edition is None:
            return Scored(row, confidence)
        found, confidence = self._second(part, self._edition).after(row.found, confidence, agrees=row.second)
        return Scored(replace(row, found=found), confidence)

    def _table(self, part: Hashable) -> Calibration:
        if part not in self._tables:
            self._tables[part] = Calibration(measure(row for row in self._fitted_on if self._apart(row) != part))
        return self._tables[part]

    def _second(self, part: Hashable, edition: Edition) -> Second:
        if part not in self._seconds:
            self._seconds[part] = measure_second(edition, (r for r in self._fitted_on if self._apart(r) != part))
        return self._seconds[part]


def measure_second(edition: Edition, rows: Iterable[Observed]) -> Second:
    """Count how often each pattern is right where a second geolocator agrees, and where it differs."""
    seen = list(rows)
    agrees, differs = (Calibration(measure(row for row in seen if row.second is answer)) for answer in (True, False))
    return Second(edition, agrees, differs)


def by_stratum(rows: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Sort the rows by stratum: the clouds first, the virtual relays last."""
    found: dict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        found[row.seen.known.stratum].append(row)
    return {name: found[name] for name in sorted(found, key=lambda name: (name not in CLOUDS, name == VIRTUAL))}


def groups(rows: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Return the two groups that are promised; virtual relays, which sell what they are not, stand in neither."""
    parts = by_stratum(rows)
    hard = [row for name, part in parts.items() if name not in (*CLOUDS, VIRTUAL) for row in part]
    return {"clouds": [row for name in CLOUDS for row in parts.get(name, ())], "hard strata": hard}


def points(rows: Iterable[Scored]) -> list[Point]:
    """Return what was stated and whether it was right, of each row that has an answer."""
    return [Point(row.confidence, row.seen.right) for row in rows if row.seen.found.country is not None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a threshold gives, and gets wrong, in one stratum."""

    rows: int
    given: int
    wrong: int

    @classmethod
    def of(cls, rows: Sequence[Scored], threshold: float) -> "Cost":
        """Count."""
        given = [row.seen.right for row in rows if row.given(threshold)]
        return cls(len(rows), len(given), len(given) - sum(given))

    @property
    def given_percent(self) -> float:
        """Share of the rows that are given."""
        return 100 * self.given / self.rows

    @property
    def right_percent(self) -> float:
        """Share of the given rows that are right; not a number where none is given."""
        return 100 * (1 - self.wrong / self.given) if self.given else float("nan")


def curve(scored: Sequence[Scored]) -> dict[str, dict[str, list[int]]]:
    """Return threshold -> stratum -> [rows, given, wrong], as it is committed."""
    parts = by_stratum(scored)
    costs = {at: {name: Cost.of(rows, at) for name, rows in parts.items()} for at in THRESHOLDS}
    return {
        f"{at:.2f}": {name: [cost.rows, cost.given, cost.wrong] for name, cost in of.items()}
        for at, of in costs.items()
    }
