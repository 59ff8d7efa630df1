"""Figures as CSV (RFC 4180, UTF-8, ISO 8601 dates): one long table, the same columns for every audience."""

import csv
from io import StringIO
from typing import Final

from schemas.published import Figures

COLUMNS: Final = (
    *("audience", "definitions", "first", "last", "measure", "dimension", "key", "value", "hidden"),
    *("before_first", "before_last", "before", "before_hidden", "percent"),
)
MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"
#: What a spreadsheet takes for a formula when a cell begins with it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(said: Figures) -> str:
    """Return the table; lines end with CRLF, as the RFC wants it."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    beside = ("", "") if said.against is None else (said.against.first.isoformat(), said.against.last.isoformat())
    about = (said.audience.value, said.definitions, said.period.first.isoformat(), said.period.last.isoformat())
    for one in said.figures:
        values = (one.measure, one.dimension, cell(one.key), _number(one.value), one.hidden or "")
        before = (_number(one.before), one.hidden_before or "", _number(one.percent))
        writer.writerow((*about, *values, *beside, *before))
    return text.getvalue()


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
