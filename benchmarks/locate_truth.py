"""Score the hosting country against truth: `python benchmarks/locate_truth.py --truth FILE [--ranges fresh|none|old]`.

Cross-fitted twice. The truth is cut into ten parts along /16 (IPv6 /32) borders, and each part is scored by a
confidence table measured on the other nine: so is a network that lies beside known ones. Then each AS is scored by a
table that never saw it: so is an operator that nobody measured, which is the harder question. A country is *given*
when the stated confidence reaches the threshold; everything else, edges too, goes to the desk.

Read it with care. With fresh ranges the cloud rows' truth and the router's list come from the same publisher, so
those rows show that the list is read right, no more; the old and the missing list show what an address is worth that
no list knows.
"""

import argparse
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.reliability import Point, calibration_error, draw
from benchmarks.truth import CLOUDS, Known, Observed, RangesMode, measure, observe, read, sources, study
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import CONTRADICTIONS

#: Below this the case goes to the desk (the shipped policy's `confidence_below`).
THRESHOLD = 0.90
MODES: tuple[RangesMode, ...] = ("fresh", "none", "old")


@dataclass(frozen=True, slots=True)
class Scored:
    """One row with the confidence that a table which never saw it states."""

    seen: Observed
    confidence: float

    @property
    def given(self) -> bool:
        """Whether a country is given without a person."""
        return self.given_from(THRESHOLD)

    def given_from(self, threshold: float) -> bool:
        """Whether a country were given without a person from another threshold."""
        found = self.seen.found
        return found.country is not None and self.confidence >= threshold and found.pattern not in CONTRADICTIONS


def by_block(row: Observed) -> Hashable:
    """Keep a /16 (IPv6 /32) apart."""
    return row.known.fold


def by_system(row: Observed) -> Hashable:
    """Keep an AS apart."""
    return row.system


#: What stays together on one side when scored: the name, and the part a row belongs to.
APART: Mapping[str, Callable[[Observed], Hashable]] = {"/16 folds": by_block, "leave-one-AS-out": by_system}


class CrossFit:
    """The tables that never saw a part of the truth; each is measured once."""

    def __init__(self, fitted_on: Sequence[Observed], apart: Callable[[Observed], Hashable]) -> None:
        """Take what tables are measured on, and which rows stay together."""
        self._fitted_on, self._apart = fitted_on, apart
        self._tables: dict[Hashable, Calibration] = {}

    def score(self, rows: Iterable[Observed]) -> list[Scored]:
        """State each row's confidence by the table measured without the row's part."""
        return [Scored(row, self._table(self._apart(row)).confidence(row.found.pattern)) for row in rows]

    def _table(self, part: Hashable) -> Calibration:
        if part not in self._tables:
            self._tables[part] = Calibration(measure(row for row in self._fitted_on if self._apart(row) != part))
        return self._tables[part]


def strata(rows: Iterable[Known]) -> list[str]:
    """Return the strata in the order of the truth, the clouds first."""
    found = dict.fromkeys(row.stratum for row in rows)
    return sorted(found, key=lambda name: (name not in CLOUDS, list(found).index(name)))


#: What a simpler rule would answer: each names the source it believes.
ALONE = {"WHOIS (=RIR)": "delegation", "AS country": "asn", "geolocation": "geolocation", "assignments": "assignments"}


def report(scored: Sequence[Scored], mode: RangesMode, apart: str) -> None:
    """Print the table of one mode."""
    print(f"\noperator ranges: {mode}; {apart}; a country is given from confidence {THRESHOLD}")
    print(
        f"{'stratum':<16}{'rows':>6}{'right %':>9}{'desk %':>8}   alone, right %:"
        + "".join(f"{name:>14}" for name in ALONE)
    )
    names = strata(row.seen.known for row in scored)
    for name in names:
        _print_line(name, [row for row in scored if row.seen.known.stratum == name])
    for title, group in groups(names).items():
        parts = [[row for row in scored if row.seen.known.stratum == name] for name in group]
        _print_macro(title, parts)
        points = [point for part in parts for point in _points(part)]
        given = [point for part in parts for point in _points(row for row in part if row.given)]
        errors = [100 * calibration_error(answers) for answers in (points, given)]
        print(f"{'':<16}calibration error: all answers {errors[0]:.2f} %, given {errors[1]:.2f} %")


def groups(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the two groups whose means are promised."""
    return {"five clouds": [n for n in names if n in CLOUDS], "hard strata": [n for n in names if n not in CLOUDS]}


def _points(rows: Iterable[Scored]) -> list[Point]:
    return [Point(row.confidence, row.seen.right) for row in rows if row.seen.found.country is not None]


def _right(rows: Sequence[Scored]) -> float:
    given = [row.seen.right for row in rows if row.given]
    return 100 * sum(given) / len(given) if given else float("nan")


def _desk(rows: Sequence[Scored]) -> float:
    return 100 * sum(not row.given for row in rows) / len(rows)


def _alone(source: str) -> Callable[[Sequence[Scored]], float]:
    def share(rows: Sequence[Scored]) -> float:
        # IPFire Location leaves out APNIC's space here; where it is silent, the delegation speaks for it.
        said = [row.seen.claims.get(source) or row.seen.claims.get("delegation") for row in rows]
        return 100 * sum(country == row.seen.known.country for country, row in zip(said, rows, strict=True)) / len(rows)

    return share


_COLUMNS: tuple[Callable[[Sequence[Scored]], float], ...] = (
    _right,
    _desk,
    *(_alone(source) for source in ALONE.values()),
)


def _print_line(name: str, rows: Sequence[Scored]) -> None:
    _print_values(name, len(rows), [column(rows) for column in _COLUMNS])


def _print_macro(title: str, parts: Sequence[Sequence[Scored]]) -> None:
    values = [sum(column(part) for part in parts) / len(parts) for column in _COLUMNS]
    _print_values(f"mean {title}", sum(map(len, parts)), values)


def _print_values(name: str, rows: int, values: Sequence[float]) -> None:
    right, desk, *alone = values
    print(f"{name:<16}{rows:>6}{right:>9.2f}{desk:>8.2f}{'':>18}" + "".join(f"{value:>14.1f}" for value in alone))


def print_curve(scored: Sequence[Scored], apart: str) -> None:
    """Print where the curve ends: the hard strata's mean share right against the mean share handed over."""
    print(f"\nhard strata, share right against share handed to the desk, by threshold; {apart}")
    names = groups(strata(row.seen.known for row in scored))["hard strata"]
    parts = [[row for row in scored if row.seen.known.stratum == name] for name in names]
    for threshold in (0.0, 0.5, 0.7, 0.8, 0.9, 0.92, 0.95, 0.97, 0.98):
        kept = [[row for row in part if row.given_from(threshold)] for part in parts]
        right = _mean([sum(row.seen.right for row in part) / len(part) for part in kept if part])
        desk = _mean([1 - len(part) / len(whole) for part, whole in zip(kept, parts, strict=True)])
        print(f"  from {threshold:.2f}: right {100 * right:6.2f} %, desk {100 * desk:6.2f} %")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    """Print the scores and draw the reliability diagram."""
    parser = argparse.ArgumentParser(description="Score the hosting country against truth.")
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--ranges", choices=[*MODES, "all"], default="all")
    parser.add_argument("--diagram", type=Path, default=Path("docs/generated/reliability.svg"))
    chosen = parser.parse_args()
    rows = read(chosen.truth)
    fitted_on = study(rows)
    fits = {name: CrossFit(fitted_on, apart) for name, apart in APART.items()}
    for mode in MODES if chosen.ranges == "all" else (chosen.ranges,):
        with sources(mode) as embedded:
            seen = observe(rows, embedded, mode)
        for name, fit in fits.items():
            scored = fit.score(seen)
            report(scored, mode, name)
            if mode == "fresh":
                print_curve(scored, name)
            if mode == "old" and name == DRAWN:
                _draw(scored, chosen.diagram)


#: Which way of cross-fitting the picture shows.
DRAWN = "/16 folds"


def _draw(scored: Sequence[Scored], file: Path) -> None:
    by_group = {
        title: [p for row in scored if row.seen.known.stratum in set(names) for p in _points([row])]
        for title, names in groups(strata(row.seen.known for row in scored)).items()
    }
    draw(by_group, file, "Stated confidence against share right, cross-fitted, operator lists one year old")


if __name__ == "__main__":
    main()
