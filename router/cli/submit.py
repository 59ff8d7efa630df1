"""`submit FILE|-`: reports as NDJSON, or as CSV with a header; each refused line is named by its number.

A CSV row is one report with one item. Its columns are the fields of a report and, with a dot, of what is inside one:
`source, reference, received_at, location, kind, urgency, memo, assessment.value, ways_in.referrer, account.platform` …
"""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from router.cli.door import Door, open_door
from router.cli.options import AsJson, Data
from router.cli.output import NO, OK, complain, finish, show, verb

NDJSON: Final = "application/x-ndjson"
#: Lines sent in one request: small enough to show progress, large enough that the request costs nothing.
_GROUP: Final = 5000
#: Columns that belong to the report; every other one belongs to its item.
_OF_REPORT: Final = frozenset(
    {"source", "reference", "received_at", "urgency", "memo", "note_to_partner", "assessment"}
)
#: Columns with several values in a cell, and what separates them. A step is a sentence, so commas would not do.
_LISTS: Final = {"payment_methods": None, "ways_in.steps": "|"}


@dataclass(frozen=True, slots=True)
class Line:
    """One report, and the number of the line of the file it came from."""

    number: int
    text: bytes


@verb
def submit(
    file: str = typer.Argument(metavar="FILE|-", help="NDJSON, or CSV with a header; - is standard input."),
    csv_: bool | None = typer.Option(None, "--csv/--ndjson", help="What it is; else by its name."),
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """Submit reports from a file; exit 1 when a line was refused."""
    lines = read(file, as_csv=file.lower().endswith(".csv") if csv_ is None else csv_)
    return finish(_submit(lines, data, as_json=as_json))


def read(file: str, *, as_csv: bool) -> Iterator[Line]:
    """Yield the reports of a file, one a line. Raise BadInput when it cannot be read as text."""
    from router.errors import BadInput

    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"The file {file} cannot be read ({error.strerror}); check its name.", field="FILE") from None
    if not as_csv:
        return _numbered(text.split(b"\n"))
    try:
        return from_csv(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput(f"The file {file} is not UTF-8 text; save it as UTF-8.", field="FILE") from None


def _numbered(parts: Iterable[bytes]) -> Iterator[Line]:
    return (Line(number, part) for number, part in enumerate(parts, 1) if part.strip())


def from_csv(text: str) -> Iterator[Line]:
    """Yield a report for each row; numbers are those of the file's lines. Raise BadInput without a usable header."""
    from router.errors import BadInput

    rows = csv.reader(io.StringIO(text, newline=""), strict=False)
    header = [name.strip() for name in next(rows, [])]
    if "location" not in header:
        raise BadInput("The first row of a CSV file names its columns, and one must be `location`.", field="header")
    if len(set(header)) < len(header):
        raise BadInput("Two columns of the CSV file have the same name; rename one.", field="header")
    return _reports(rows, header)


def _reports(rows: Any, header: list[str]) -> Iterator[Line]:
    start = rows.line_num + 1
    for row in rows:
        if any(cell.strip() for cell in row):
            yield Line(start, json.dumps(_report(header, row)).encode())
        start = rows.line_num + 1


def _report(header: list[str], row: list[str]) -> dict[str, Any]:
    """Return the report of a row. What does not fit its columns is kept in a field that the router refuses by name."""
    item: dict[str, Any] = {}
    report: dict[str, Any] = {"items": [item]}
    for name, cell in zip(header, row, strict=False):
        if cell.strip():
            inside = report if name.partition(".")[0] in _OF_REPORT else item
            _put(inside, name, cell.strip())
    if len(row) > len(header):
        report["more_cells_than_columns"] = len(row)
    return report


def _put(into: dict[str, Any], name: str, cell: str) -> None:
    *path, last = name.split(".")
    for part in path:
        into = into.setdefault(part, {})
    into[last] = [one.strip() for one in cell.split(_LISTS[name])] if name in _LISTS else cell


async def _submit(lines: Iterator[Line], data: Path | None, *, as_json: bool) -> int:
    taken = refused = 0
    async with open_door(data) as door:
        for group in _groups(lines):
            for answer in await _send(door, group):
                if answer["status"] < 400:
                    taken += 1
                else:
                    refused += 1
                    _say_refused(answer, as_json=as_json)
    show({"taken": taken, "refused": refused}, as_json=as_json, lines=[f"{taken} taken, {refused} refused."])
    return NO if refused else OK


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in lines:
        group.append(line)
        if len(group) == _GROUP:
            yield group
            group = []
    if group:
        yield group


async def _send(door: Door, group: list[Line]) -> list[dict[str, Any]]:
    """Return the answers to a group, by the numbers of the file's lines."""
    body = b"\n".join(line.text for line in group)
    answers = [json.loads(one) for one in (await door.send("/v1/reports/batch", body, NDJSON)).splitlines()]
    for answer in answers:
        answer["line"] = group[answer["line"] - 1].number
    return answers


def _say_refused(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    problem = answer["problem"]
    fields = ", ".join(wrong["field"] for wrong in problem.get("errors", ()) if wrong["field"])
    complain(f"line {answer['line']}: {f'{fields}: ' if fields else ''}{problem['detail']}")
