"""A map from other people's columns to ours, as a hotline writes it; SCART's ships.

A row is a location. Rows with one reference are one report with several items, as the program that wrote the file meant
them. What a page is called, and what its files call it, is a digest of its location: a name is no place for one.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from router.cli.submit.csv_reports import OF_REPORT, Line, Row, put
from router.errors import BadInput
from schemas.word import Given
from schemas.word import Line as Text

SHIPPED: Final = Path(__file__).resolve().parents[2] / "data" / "maps"


class RowType(Given):
    """By which column a row is a page, a file on one, or nothing that may come in."""

    column: Text
    page: tuple[str, ...] = ()
    file: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    own: Text  #: our column by which a page is called
    parent: Text  #: our column that names a file's page


class ColumnMap(Given):
    """What each column of a file is here."""

    columns: Annotated[dict[Text, Text], Field(min_length=1)]  #: ours -> theirs
    fixed: dict[Text, Text] = Field(default_factory=dict)  #: ours -> the same in every row
    drop: dict[Text, Text] = Field(default_factory=dict)  #: theirs -> why it is left out
    values: dict[Text, dict[str, str]] = Field(default_factory=dict)  #: ours -> their value -> ours
    type: RowType | None = None

    @property
    def location(self) -> str:
        """Return their column of the location."""
        return self.columns.get("location", "").lower()

    @property
    def has_dates(self) -> bool:
        """Tell whether rows say when they were received."""
        return "received_at" in self.columns or "received_at" in self.fixed


def load(name: str) -> ColumnMap:
    """Return the map of a file, or a shipped one by its name. Raise BadInput."""
    shipped = SHIPPED / f"{name}.toml"
    path = shipped if name.isidentifier() and shipped.exists() else Path(name)
    try:
        found = ColumnMap.model_validate(tomllib.loads(path.read_text(encoding="utf-8")), strict=False)
    except OSError as error:
        raise BadInput(f"The map {name} cannot be read ({error.strerror}); check its name.", field="--map") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError):
        raise BadInput(f"The map {name} is none; see router/data/maps/scart.toml for one.", field="--map") from None
    if not found.location:
        raise BadInput("The map names no column for `location`; add it under [columns].", field="--map")
    return found


def mapped(rows: Iterable[Row], columns: ColumnMap, received_at: str | None) -> Iterator[Line]:
    """Yield a report for each reference; `received_at` is said of every row of a file that has no dates.

    Raise BadInput for a column that the map does not name.
    """
    reports: dict[str, tuple[int, dict[str, Any]]] = {}
    for row in rows:
        try:
            if row.problem is not None:
                raise row.problem
            report = _report(row, columns, received_at)
        except BadInput as error:
            yield Line(row.number, b"", error)
            continue
        reference = str(report.get("reference", f"row {row.number}"))
        if reference in reports:
            reports[reference][1]["items"] += report["items"]
        else:
            reports[reference] = (row.number, report)
    for number, report in reports.values():
        yield Line(number, json.dumps(report).encode())


def _report(row: Row, columns: ColumnMap, received_at: str | None) -> dict[str, Any]:
    theirs = {ours: row.cells.get(name.lower(), "") for ours, name in columns.columns.items()}
    said = columns.fixed | {ours: columns.values.get(ours, {}).get(cell, cell) for ours, cell in theirs.items()}
    _check_columns(row, columns)
    item: dict[str, Any] = {}
    report: dict[str, Any] = {"items": [item]}
    for name, cell in said.items():
        if cell:
            put(report if name.partition(".")[0] in OF_REPORT else item, name, cell)
    if columns.type is not None:
        item |= _named(row, columns.type, said)
    if received_at is not None and "received_at" not in report:
        report |= {"received_at": received_at, "received_at_known": False}
    return report


def _named(row: Row, rule: RowType, said: dict[str, str]) -> dict[str, str]:
    """Return what an item is called, or which page it is on. Raise BadInput for what never comes in."""
    kind = row.cells.get(rule.column.lower(), "")
    if kind in rule.refuse:
        raise BadInput("The map refuses rows of this type; leave them out.", field=rule.column, reason="refused_type")
    if kind in rule.page:
        return {"reference": _digest(said.get(rule.own, ""))}
    if kind not in rule.file:
        raise BadInput("The map does not know this type of row; add it to the map.", field=rule.column)
    page = said.get(rule.parent, "")
    return {"parent": _digest(page)} if page else {}


def _digest(location: str) -> str:
    return "location-" + sha256(location.strip().encode()).hexdigest()[:32]


def _check_columns(row: Row, columns: ColumnMap) -> None:
    known = {name.lower() for name in (*columns.columns.values(), *columns.drop)}
    known |= {columns.type.column.lower()} if columns.type else set()
    if unknown := [name for name, cell in row.cells.items() if cell and name not in known]:
        raise BadInput("The map does not say what this column is; name it there, or drop it.", field=unknown[0])
