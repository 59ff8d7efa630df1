"""The page on what a report costs names each stage that is measured, and files that are there."""

import re
from pathlib import Path

import pytest

from benchmarks.table import row
from benchmarks.whole_way import PAGE, STAGES, page

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_that_is_measured_is_explained(stage: str) -> None:
    assert f"| {stage} |" in TEXT


def test_each_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:router|docs|benchmarks)/[\w./]+)`", TEXT)
    assert len(named) > 8
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_its_figures_are_those_of_the_benchmark() -> None:
    costs = dict(zip(STAGES, (100.0, 200.4, 300.0), strict=True))
    rows = [
        row("SQLite: the way", 1.0, "reports/s"),
        *(row(f"SQLite: the way: CPU of {s}", us, "us") for s, us in costs.items()),
    ]
    assert "| SQLite: the way | 100 | 200 | 300 | 600 |" in page(rows)
    written = PAGE.read_text(encoding="utf-8")
    assert all(f" {stage} |" in written for stage in STAGES)
