"""Score the hosting country against truth: `python benchmarks/locate_truth.py --truth FILE… [--ranges fresh|none|old]`.

With `--second FILE` (an mmdb with a country) besides: what a second geolocator adds, cross-fitted as the rest. With
`--into FILE` its measure is written for a router that uses that edition: FILE is `second-geolocator.json` in the
router's data directory. It stays there: what is fitted on data under an end-user licence is not committed (ADR 0003).

Cross-fitted twice (`crossfit.py`): each AS by a table that never saw it, which is what is stated and gated, and each
/16 by a table that never saw that, which is shown beside and flatters by some points. A country is *given* when the
verdict names one and the stated confidence reaches the threshold; everything else, edges too, goes to the desk.

Read it with care. With fresh ranges the cloud rows' truth and the router's list come from the same publisher, so
those rows show that the list is read right, no more; the old and the missing list show what an address is worth that
no list knows.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crossfit import APART, THRESHOLDS, Cost, CrossFit, Scored, by_stratum, groups, measure_second, points
from benchmarks.reliability import by_value, calibration_error, draw
from benchmarks.truth import FOLDS, RangesMode, observe, read, sources, study
from router.hosting.sources.maxmind import MaxMind

#: Below this the case goes to the desk (the shipped policy's `confidence_below`).
THRESHOLD = 0.90
MODES: tuple[RangesMode, ...] = ("fresh", "none", "old")
#: What a simpler rule would answer: each names the source it believes.
ALONE = {"WHOIS (=RIR)": "delegation", "AS country": "asn", "geolocation": "geolocation", "assignments": "assignments"}


def report(scored: Sequence[Scored], mode: RangesMode, apart: str) -> None:
    """Print the table of one mode."""
    print(f"\noperator ranges: {mode}; {apart}; a country is given from confidence {THRESHOLD}")
    print(
        f"{'stratum':<18}{'rows':>6}{'given %':>9}{'right %':>9}   alone, right %:"
        + "".join(f"{name:>14}" for name in ALONE)
    )
    for name, rows in by_stratum(scored).items():
        cost = Cost.of(rows, THRESHOLD)
        alone = "".join(f"{_alone(source)(rows):>14.1f}" for source in ALONE.values())
        print(f"{name:<18}{len(rows):>6}{cost.given_percent:>9.2f}{cost.right_percent:>9.2f}{'':>18}{alone}")
    for title, rows in {**groups(scored), "all rows": scored}.items():
        _print_errors(title, rows)


def _print_errors(title: str, rows: Sequence[Scored]) -> None:
    given = [row for row in rows if row.given(THRESHOLD)]
    whole, sure = (100 * calibration_error(points(part)) for part in (rows, given))
    print(f"{title}: calibration error {whole:.2f} %, given {sure:.2f} %, by pattern {_by_pattern(rows):.2f} %")
    parts = [[row for row in rows if row.seen.fold == fold] for fold in range(FOLDS)]
    print(f"{'':<4}by fold of ASes: " + " ".join(f"{100 * calibration_error(points(part)):.1f}" for part in parts))


def _by_pattern(rows: Sequence[Scored]) -> float:
    """The same error where the answers of one pattern are one bin: the router states one number for each."""
    kinds = sorted({row.seen.found.pattern for row in rows})
    bins = [points(row for row in rows if row.seen.found.pattern == kind) for kind in kinds]
    return 100 * by_value(bins)


def _alone(source: str) -> Callable[[Sequence[Scored]], float]:
    def share(rows: Sequence[Scored]) -> float:
        # IPFire Location leaves out APNIC's space here; where it is silent, the delegation speaks for it.
        said = [row.seen.claims.get(source) or row.seen.claims.get("delegation") for row in rows]
        return 100 * sum(country == row.seen.known.country for country, row in zip(said, rows, strict=True)) / len(rows)

    return share


def print_curve(scored: Sequence[Scored], apart: str) -> None:
    """Print where the curve ends: by stratum, share given and wrong countries in a thousand given, by threshold."""
    print(f"\nby threshold, per cent given / wrong of 1,000 given; {apart}")
    print(f"{'from':<18}" + "".join(f"{at:>12.2f}" for at in THRESHOLDS))
    for name, rows in by_stratum(scored).items():
        costs = [Cost.of(rows, at) for at in THRESHOLDS]
        print(
            f"{name:<18}"
            + "".join(f"{cost.given_percent:>6.1f}/{1000 * cost.wrong / max(1, cost.given):>5.0f}" for cost in costs)
        )


def main() -> None:
    """Print the scores and draw the reliability diagram."""
    parser = argparse.ArgumentParser(description="Score the hosting country against truth.")
    parser.add_argument("--truth", type=Path, nargs="+", required=True)
    parser.add_argument("--ranges", choices=[*MODES, "all"], default="all")
    parser.add_argument("--diagram", type=Path, default=Path("docs/generated/reliability.svg"))
    parser.add_argument("--second", type=Path, help="an operator's own geolocator (mmdb)")
    parser.add_argument("--into", type=Path, help="where the second geolocator's measure is written")
    chosen = parser.parse_args()
    second = None if chosen.second is None else MaxMind.open(chosen.second)
    extra = () if second is None else (second,)
    rows = read(chosen.truth)
    fitted_on = study(rows, extra)
    fits = {name: CrossFit(fitted_on, apart) for name, apart in APART.items()}
    if second is not None:
        with_second = f"with {second.edition.name} of {second.edition.date}"
        fits |= {f"{with_second}, {name}": CrossFit(fitted_on, apart, second.edition) for name, apart in APART.items()}
        if chosen.into is not None:
            chosen.into.write_text(measure_second(second.edition, fitted_on).written(), encoding="utf-8")
    for mode in MODES if chosen.ranges == "all" else (chosen.ranges,):
        with sources(mode, extra) as embedded:
            seen = observe(rows, embedded, mode)
        for name, fit in fits.items():
            scored = fit.score(seen)
            report(scored, mode, name)
            if mode == "fresh":
                print_curve(scored, name)
            if mode == "old" and name == DRAWN:
                _draw(scored, chosen.diagram)


#: Which way of cross-fitting the picture shows.
DRAWN = "folds by AS"


def _draw(scored: Sequence[Scored], file: Path) -> None:
    by_group = {title: points(rows) for title, rows in groups(scored).items()}
    draw(by_group, file, "Stated confidence against share right, ASes never seen, operator lists one year old")


if __name__ == "__main__":
    main()
