"""CSV that any reader of RFC 4180 reads back, and no spreadsheet runs."""

import csv
from datetime import date
from io import StringIO

from router.figures.written import COLUMNS, as_csv
from schemas.published import Audience, Figure, Figures, Hidden, Period

YEAR = Period(first=date(2026, 1, 1), last=date(2026, 12, 31))


def test_what_is_written_is_read_back() -> None:
    odd = Figure(measure="cases", dimension="provider", key='=cmd|"Net, Ltd"\nB', value=7, before=5, percent=None)
    few = Figure(measure="cases", value=None, hidden=Hidden.FEW, before=0)
    said = Figures(
        audience=Audience.INTERNAL, definitions="v1", period=YEAR, against=None, zone="UTC", live_since=None,
        figures=(few, odd), means={},
    )  # fmt: skip
    text = as_csv(said)
    assert text.endswith("\r\n")
    header, first, second = csv.reader(StringIO(text, newline=""), strict=True)
    assert tuple(header) == COLUMNS
    assert first == [
        "internal",
        "v1",
        "2026-01-01",
        "2026-12-31",
        "cases",
        "total",
        "all",
        "",
        "<5",
        "",
        "",
        "0",
        "",
        "",
    ]
    assert second[6] == '\'=cmd|"Net, Ltd"\nB'
