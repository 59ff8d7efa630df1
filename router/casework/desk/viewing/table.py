"""The tables of a viewing session, as spreadsheets read and write them: what goes to the room, and what comes back.

Two files go out in one ZIP: the locations, which stay in the room, and the lines to fill in, which name none. A cell
that a spreadsheet would take for a formula is written as text.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from router.errors import BadInput
from router.figures.written import cell
from schemas.report import WaysIn
from schemas.viewing import MOST
from schemas.vocabulary import Assessment

LOCATIONS: Final = "locations.csv"
TO_FILL_IN: Final = "results.csv"
READ_ME: Final = "read-me.txt"
#: What says where to look: a row for each way in.
_OUT: Final = ("line", "dossier", "location", "referrer", "steps", "user", "password", "country")
#: What is read of a row that comes back.
READ: Final = ("token", "assessment", "labels", "finding", "why")
#: And what else may stand there, for people.
_FOR_PEOPLE: Final = ("session", "line", "dossier")
_KNOWN: Final = frozenset((*READ, *_FOR_PEOPLE))
ASSESSMENTS: Final = (Assessment.BASELINE, Assessment.NATIONAL, Assessment.NOT_ILLEGAL)
#: What a person may have found, as they write it.
FINDINGS: Final = ("there", "gone", "content_gone", "cannot_see")
_BOM: Final = "\ufeff"
#: By these a spreadsheet says that it wrote text in UTF-16.
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = (",", ";", "\t")
#: A name of a column that may be repeated in an error: anything else may be a location in the wrong place.
_SAYABLE: Final = re.compile(r"[A-Za-z][A-Za-z _]{0,30}")
_UNKNOWN: Final = "The column {called} is not known, and nothing was read: take it out. Known are {columns}."
_TWICE: Final = "The column {called} stands there twice: take one out."
_TOO_MANY: Final = "One table holds at most {most} rows; bring the rest in another one."
_SAYS: Final = """Session {name}: {count} locations to look at.

{locations} says where: one row for each way in. It stays in this room.
{results} is what you fill in, a row for each location, and what you bring back. Write no location into it.

assessment   {assessments}; leave it empty where you do not say
labels       scheme:value, several with ; between them; only beside an assessment
finding      there, gone, content_gone (the page stays, its content is gone), cannot_see
why          a line; cannot_see needs one

Save it as CSV in UTF-8 and add no column. A row that you leave empty stays in the session.
"""


@dataclass(frozen=True, slots=True)
class Out:
    """A line that goes out."""

    line: int
    dossiers: tuple[str, ...]
    token: str
    location: str
    ways_in: tuple[WaysIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A row that came back: what it says, or why it cannot be read."""

    row: int
    token: str = ""
    assessment: str = ""
    labels: str = ""
    finding: str = ""
    why: str = ""
    wrong: str | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said of the line."""
        return not (self.assessment or self.labels or self.finding or self.why)


def packed(name: str, lines: Sequence[Out]) -> bytes:
    """Return the ZIP of a session: to be encrypted, and kept nowhere."""
    said = _SAYS.format(
        name=name,
        count=len(lines),
        locations=LOCATIONS,
        results=TO_FILL_IN,
        assessments=", ".join(ASSESSMENTS),
    )
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as made:
        for file, text in (
            (LOCATIONS, _written(_OUT, (row for one in lines for row in _places(one)))),
            (TO_FILL_IN, to_fill_in(name, lines)),
            (READ_ME, said.replace("\n", "\r\n")),
        ):
            made.writestr(ZipInfo(file), text.encode(), ZIP_DEFLATED)  # with no date: its files say nothing of when
    return content.getvalue()


def to_fill_in(name: str, lines: Iterable[Out]) -> str:
    """Return the table that comes back, before anything stands in it."""
    empty = ("",) * (len(READ) - 1)
    rows = ((name, str(one.line), " ".join(one.dossiers), one.token, *empty) for one in lines)
    return _written((*_FOR_PEOPLE, *READ), rows)


def _places(one: Out) -> Iterator[tuple[str, ...]]:
    for way in one.ways_in or (WaysIn(),):
        login = (way.login.username, way.login.password or "") if way.login else ("", "")
        beside = (way.referrer or "", " > ".join(way.steps), *login, way.required_country or "")
        yield (str(one.line), " ".join(one.dossiers), one.location, *beside)


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return _BOM + text.getvalue()  # by which a spreadsheet knows UTF-8


def text_of(content: bytes) -> str:
    """Return a file that came back as the text that it is. Raise BadInput for what is written in another way."""
    try:
        return content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = "This is no text in UTF-8: save it as `CSV UTF-8`, and bring that."
        raise BadInput(text, field="table", reason="not_text") from None


def read(text: str) -> list[Said]:
    """Return the rows of a table that came back. Raise BadInput for one of which nothing can be read.

    It may be cut by commas, semicolons or tabs, as spreadsheets of different countries do, or be pasted from one.
    """
    lines = text.removeprefix(_BOM)
    first = lines.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(StringIO(lines, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadInput("This is no table: save it as CSV in UTF-8, and bring that.", field="table") from None
    if not rows or not any(rows[0]):
        raise BadInput("The table is empty; its first line names the columns.", field="table")
    columns = [one.strip().lower() for one in rows[0]]
    while columns and not columns[-1]:
        columns.pop()
    _check(columns)
    said = [_said(number, columns, cells) for number, cells in enumerate(rows[1:], 2) if any(map(str.strip, cells))]
    if len(said) > MOST:
        raise BadInput(_TOO_MANY.format(most=MOST), field="table")
    return said


def _check(columns: Sequence[str]) -> None:
    """Raise BadInput for a column that is not known, or is missing, or stands there twice."""
    for number, one in enumerate(columns, 1):
        called = f"`{one}`" if _SAYABLE.fullmatch(one) else str(number)
        if one not in _KNOWN:
            text = _UNKNOWN.format(called=called, columns=", ".join((*_FOR_PEOPLE, *READ)))
            raise BadInput(text, field="table", reason="unknown_column")
        if one in columns[: number - 1]:
            raise BadInput(_TWICE.format(called=called), field="table")
    if "token" not in columns:
        raise BadInput("The column `token` is missing: by it each line is known.", field="table")


def _said(row: int, columns: Sequence[str], cells: Sequence[str]) -> Said:
    if any(one.strip() for one in cells[len(columns) :]):
        return Said(row, wrong="This row has more cells than there are columns; see what slipped.")
    found: Mapping[str, str] = {
        name: " ".join(value.split()) for name, value in zip(columns, cells, strict=False) if name in READ
    }
    return Said(row, **found)
