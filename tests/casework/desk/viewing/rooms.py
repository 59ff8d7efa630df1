"""A viewing room whose seal is none, so that a test reads what went out; and rows that come back from it."""

import csv
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

from router.errors import Conflict
from schemas.viewing import ViewingMade, ViewingSettings


@dataclass
class OpenRoom:
    """Takes what is to be closed, and closes nothing."""

    sealed_so_far: list[bytes] = field(default_factory=list)
    fails: bool = False
    settings: ViewingSettings = field(default_factory=ViewingSettings)
    meanwhile: Callable[[], Awaitable[object]] | None = None  #: what happens while it is closed, once

    async def sealed(self, content: bytes, now: datetime) -> tuple[bytes, str]:
        if self.fails:
            raise Conflict("Set the room's key.", reason="room_key")
        self.sealed_so_far.append(content)
        if (happens := self.meanwhile) is not None:
            self.meanwhile = None
            await happens()
        return content, "F" * 40


def opened(made: ViewingMade) -> dict[str, str]:
    """The files of a session, by name."""
    assert made.file is not None
    with ZipFile(BytesIO(b64decode(made.file))) as packed:
        return {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist()}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def filled(made: ViewingMade, *said: dict[str, str], delimiter: str = ",") -> str:
    """The table of a session with what was said of its first lines."""
    lines = rows_of(opened(made)["results.csv"])
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]), delimiter=delimiter)
    writer.writeheader()
    for line, one in zip(lines, (*said, *({} for _ in lines[len(said) :])), strict=False):
        writer.writerow(line | one)
    return text.getvalue()
