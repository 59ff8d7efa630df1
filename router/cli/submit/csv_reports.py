"""A CSV file as people's programs write it: a report for each row, or why that row alone cannot be read.

A row is one report with one item. Its columns are the fields of a report and, with a dot, of what is inside one:
`source, reference, received_at, location, kind, urgency, memo, assessment.value, ways_in.referrer, account.platform` …
Commas, semicolons and tabs separate columns: which of them a spreadsheet writes depends on its country's settings.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from router.cli.output import counted

if TYPE_CHECKING:
    from router.errors import BadInput

#: Columns that belong to the report; every other one belongs to its item.
OF_REPORT: Final = frozenset({"source", "reference", "received_at", "urgency", "memo", "note_to_partner", "assessment"})
#: Columns with several values in a cell, and what separates them. A step is a sentence, so commas would not do.
_LISTS: Final = {"payment_methods": None, "ways_in.steps": "|"}
#: Columns whose cells may have several lines. In any other a line's end is the trace of a quote that never closed.
_TEXTS: Final = frozenset({"memo", "note_to_partner"})
_SEPARATORS: Final = (",", ";", "\t")
#: What some programs write before the header, so that others know the separator.
_SAYS_SEPARATOR: Final = re.compile(r'"?sep=(?P<separator>[^\r\n"])"?[,;\t ]*[\r\n]*', re.IGNORECASE)
#: The column that every report needs, by which the separator is found.
_NEEDED: Final = "location"


@dataclass(frozen=True, slots=True)
class Line:
    """One report and the number of the file's line where it begins, or why it is none."""

    number: int
    text: bytes
    problem: "BadInput | None" = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row by its columns' names, or why it cannot be read."""

    number: int
    cells: Mapping[str, str]
    problem: "BadInput | None" = None


def from_csv(text: str) -> Iterator[Line]:
    """Yield a line for each row; numbers are those of the file's lines. Raise BadInput without a usable header."""
    return (_line(row) for row in rows_of(text, _NEEDED))


def rows_of(text: str, needed: str) -> Iterator[Row]:
    """Yield the rows of a file whose header has this column. Raise BadInput without a usable header."""
    lines = io.StringIO(text, newline="").readlines()
    separator, header, end = _head(lines, needed)
    _check(header)
    return _rows(lines, end, separator, header)


def _line(row: Row) -> Line:
    return Line(row.number, b"" if row.problem else json.dumps(_report(row.cells)).encode(), row.problem)


def _head(lines: list[str], needed: str) -> tuple[str, list[str], int]:
    """Return what separates columns, their names, and at which line the rows begin. Raise BadInput."""
    said = _SAYS_SEPARATOR.fullmatch(lines[0]) if lines else None
    begin = 0 if said is None else 1
    for separator in _SEPARATORS if said is None else (said["separator"],):
        try:
            row, height = _record(lines, begin, separator)
        except csv.Error:
            continue
        header = [name.strip().lower() for name in row]
        if needed in header:
            return separator, header, begin + height
    raise _wrong(
        f"The first row of a CSV file names its columns, and one must be `{needed}`; commas, semicolons or tabs"
        " separate them.",
        "header",
    )


def _check(header: list[str]) -> None:
    """Raise BadInput for columns that cannot stand beside each other. A spreadsheet may leave some without a name."""
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise _wrong("Two columns of the CSV file have the same name; rename one.", "header")
    groups = {name[:at] for name in named for at, mark in enumerate(name) if mark == "."}
    if both := sorted(groups.intersection(named)):
        raise _wrong(f"The column `{both[0]}` is a column and holds others (`{both[0]}.…`); leave it out.", "header")


def _rows(lines: list[str], at: int, separator: str, header: list[str]) -> Iterator[Row]:
    while at < len(lines):
        height = 1
        try:
            row, height = _record(lines, at, separator)
            if cells := _fitting(row, header):
                yield Row(at + 1, dict(zip(header, cells, strict=False)))
        except _Misfit as error:
            # All its lines are given up, and named: what the public wrote into one cell must not be read as a report.
            lost = f" It takes lines {at + 1} to {at + height}; none of them was taken." if height > 1 else ""
            yield Row(at + 1, {}, _wrong(f"{error}{lost}", None))
        except csv.Error as error:
            # Only this line is given up: a quote that never closes would take every report after it along.
            yield Row(at + 1, {}, _wrong(_said(error), None))
        at += height


class _Misfit(Exception):
    """The cells of a row are not those of the header."""


def _record(lines: list[str], at: int, separator: str) -> tuple[list[str], int]:
    """Return the row that begins at a line, and how many lines it takes. Raise csv.Error."""
    # A blank after a separator is no part of the cell: else a quote behind it would be.
    given = (lines[n] for n in range(at, len(lines)))
    reader = csv.reader(given, delimiter=separator, strict=True, skipinitialspace=True)
    return next(reader, []), max(reader.line_num, 1)


def _fitting(row: list[str], header: Sequence[str]) -> list[str]:
    """Return the cells of a row, none when all are empty. Raise _Misfit when they are not the header's."""
    cells = [_unquoted(cell.strip(), name) for cell, name in zip_longest(row, header, fillvalue="")]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > len(header):
        raise _Misfit(
            f"This row has {counted(len(cells), 'cell')} and the header {len(header)};"
            " quote a cell in which the separator stands."
        )
    for name, cell in zip(header, cells, strict=False):
        if cell and not name:
            raise _Misfit("A cell of this row stands in a column without a name; name the column, or empty the cell.")
        if name not in _TEXTS and ("\n" in cell or "\r" in cell):
            raise _Misfit(
                f"A cell of this row has several lines, which only {' and '.join(sorted(_TEXTS))} may, or a quote in it"
                " never closes; mend the cell."
            )
    return cells


def _unquoted(cell: str, name: str) -> str:
    """Return a cell without quotes that another blank than ours kept from being taken off."""
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].strip() if is_quoted and name not in _TEXTS else cell


def _said(error: csv.Error) -> str:
    """Return in our words why a row cannot be read."""
    if "field limit" in str(error):
        return (
            f"A cell that begins here has more than {csv.field_size_limit()} characters, or its quote never closes;"
            " shorten it, or close the quote."
        )
    return (
        "A quote opens here and does not close where its cell ends; close it, and write a quote inside a cell as two."
    )


def _report(cells: Mapping[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {}
    report: dict[str, Any] = {"items": [item]}
    for name, cell in cells.items():
        if cell:
            put(report if name.partition(".")[0] in OF_REPORT else item, name, cell)
    return report


def put(into: dict[str, Any], name: str, cell: str) -> None:
    """Write a cell where its column says; a dot leads inside."""
    *path, last = name.split(".")
    for part in path:
        into = into.setdefault(part, {})
    into[last] = [one.strip() for one in cell.split(_LISTS[name])] if name in _LISTS else cell


def _wrong(said: str, field: str | None) -> "BadInput":
    from router.errors import BadInput

    return BadInput(said, field=field, reason="not_csv")
