"""Measure how often each pattern of evidence is right: `python benchmarks/calibrate.py --truth FILE… --date DAY`.

Writes `router/data/calibration.json`, which the router reads at run time. The operator ranges are those of July 2025:
with today's, list and truth of the cloud rows would be the same publisher's statement, and an address outside every
list, which is what makes an operator's network doubtful, would never occur.

No operator carries a pattern: of the networks of one AS, a bounded number counts (`truth.py`).
"""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.crossfit import CrossFit, by_system, curve
from benchmarks.truth import MOST_OF_ONE_AS, measure, observe, read, sources, study
from router.hosting.verdict.calibration import SHIPPED, Calibration, Measured
from router.hosting.verdict.pattern import Pattern

ABOUT = (
    "Share right of each pattern; a network (/24, /48) counts once, an AS as "
    f"{MOST_OF_ONE_AS} networks at most. By benchmarks/calibrate.py."
)


def table(measured: dict[str, Measured], day: date, rows: int, thresholds: dict[str, dict[str, list[int]]]) -> str:
    """Return the JSON text to commit."""
    content = {
        "about": ABOUT,
        "date": day.isoformat(),
        "truth_rows": rows,
        "operator_ranges": "2025-07-24",
        "patterns": {
            pattern: {
                "networks": found.networks,
                "right": found.right,
                "rows": found.rows,
                "systems": found.systems,
            }
            for pattern, found in measured.items()
            if pattern not in (Pattern.EDGE, Pattern.SPECIAL)
        },
        "thresholds_about": "Of ASes never seen, with fresh operator lists: threshold, stratum, [rows, given, wrong].",
        "thresholds": thresholds,
    }
    return json.dumps(content, indent=2) + "\n"


def main() -> None:
    """Measure, write, and print the table."""
    parser = argparse.ArgumentParser(description="Measure how often each pattern of evidence is right.")
    parser.add_argument("--truth", type=Path, nargs="+", required=True)
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day that is written into the table")
    parser.add_argument("--into", type=Path, default=SHIPPED)
    chosen = parser.parse_args()
    rows = read(chosen.truth)
    studied = study(rows)
    measured = measure(studied)
    with sources("fresh") as embedded:
        thresholds = curve(CrossFit(studied, by_system).score(observe(rows, embedded, "fresh")))
    chosen.into.write_text(table(measured, chosen.date, len(rows), thresholds), encoding="utf-8")
    stated = Calibration.load(chosen.into)
    for pattern, found in measured.items():
        seen = f"{found.right:8.2f} of {found.networks:5} networks ({found.rows:5} rows, {found.systems:3} AS)"
        print(f"{pattern:<24} {seen}  {stated.confidence(Pattern(pattern)):.4f}")


if __name__ == "__main__":
    main()
