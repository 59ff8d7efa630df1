"""Open the embedded data sets, check that they are whole, and say how old they are."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import maxminddb
from maxminddb.const import MODE_AUTO

from router.data.digest import digest, digest_once
from router.errors import CannotStart

#: The sets that ship with the router.
SHIPPED = Path(__file__).parent / "sets"
#: What a directory of sets says of itself. The shipped directory is described by the file beside this one.
MANIFEST = "sets.toml"


@dataclass(frozen=True, slots=True)
class SetInfo:
    """What `sets.toml` says of one data set."""

    name: str
    file: str
    title: str
    packages: tuple[str, ...]
    url: str
    licence: str
    credit: str
    date: str  #: ISO date of the data
    max_age_days: int
    sha256: str
    #: In a set of operators' lists, after a refresh: operator -> ISO date of its rows. `date` is the oldest of them.
    lists: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListStatus:
    """How one operator's list in a set stands on a given day."""

    operator: str
    date: str
    age_days: int


@dataclass(frozen=True, slots=True)
class SetStatus:
    """How a data set stands on a given day."""

    name: str
    title: str
    date: str
    age_days: int
    max_age_days: int
    licence: str
    credit: str
    lists: tuple[ListStatus, ...] = ()

    @property
    def stale(self) -> bool:
        """True when the data are older than their limit: refresh them."""
        return self.age_days > self.max_age_days


class DataSets:
    """The opened sets, memory-mapped. Readers are shared freely: they hold no state of a look-up."""

    def __init__(
        self, infos: Mapping[str, SetInfo], readers: Mapping[str, maxminddb.Reader], opened: ExitStack
    ) -> None:
        """Use `open`."""
        self.infos = infos
        self._readers = readers
        self._opened = opened

    @classmethod
    def open(cls, directory: Path | None = None) -> "DataSets":
        """Open the sets in `directory` (default: the shipped ones) after checking each against its SHA-256.

        Raises `CannotStart` when a set is missing, cut short or changed.
        """
        folder = directory or SHIPPED
        infos = read_infos(folder)
        for name in read_infos(SHIPPED):
            if name not in infos:  # these are of a router that did not know it yet
                raise CannotStart(f"the data set {name} is missing; {_way_out(folder)}")
        with ExitStack() as stack:
            readers = {info.name: stack.enter_context(_reader(folder, info)) for info in infos.values()}
            return cls(infos, readers, stack.pop_all())

    def reader(self, name: str) -> maxminddb.Reader:
        """Return the reader of a set; `KeyError` for a name that `sets.toml` does not know."""
        return self._readers[name]

    def as_of(self, name: str) -> str:
        """Return the ISO date of a set's data."""
        return self.infos[name].date

    def status(self, today: date) -> tuple[SetStatus, ...]:
        """Return one row a set: its date, its age on `today`, its limit and its credit."""
        return tuple(_status(info, today) for info in self.infos.values())

    def credits(self) -> tuple[str, ...]:
        """Return the credits that the licences want shown wherever results are, each once."""
        return tuple(dict.fromkeys(info.credit for info in self.infos.values()))

    def close(self) -> None:
        """Unmap the files."""
        self._opened.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def read_infos(folder: Path) -> dict[str, SetInfo]:
    """Return what the manifest of a directory of sets says, by name, in its order."""
    own = folder / MANIFEST
    file = own if own.exists() else Path(__file__).parent / MANIFEST
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return {row["name"]: _info(row) for row in table["set"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotStart(f"the list of data sets cannot be read; {_way_out(folder)}") from error


def verify(folder: Path | None = None) -> Iterator[tuple[SetInfo, bool]]:
    """Yield each set of a directory and whether its file is whole."""
    where = folder or SHIPPED
    for info in read_infos(where).values():
        file = where / info.file
        yield info, file.is_file() and digest(file) == info.sha256


def whole(folder: Path) -> dict[str, SetInfo]:
    """Return the sets of a directory that can be used, by name; none when its list cannot be read."""
    found = {}
    with suppress(CannotStart):
        for info in read_infos(folder).values():
            with suppress(CannotStart):
                _reader(folder, info).close()
                found[info.name] = info
    return found


def _way_out(folder: Path) -> str:
    if folder == SHIPPED:
        return "install the router again"
    return "run `data refresh`: before it fetches anything, it puts back the last whole one"


def _info(row: dict[str, Any]) -> SetInfo:
    date.fromisoformat(row["date"])
    return SetInfo(**{**row, "packages": tuple(row["packages"])})


def _reader(folder: Path, info: SetInfo) -> maxminddb.Reader:
    file = folder / info.file
    if not file.is_file():
        raise CannotStart(f"the data set {info.name} is missing; {_way_out(folder)}")
    if digest_once(file) != info.sha256:
        raise CannotStart(f"the data set {info.name} is damaged or cut short; {_way_out(folder)}")
    try:
        return maxminddb.open_database(file, MODE_AUTO)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise CannotStart(f"the data set {info.name} cannot be opened; {_way_out(folder)}") from error


def _status(info: SetInfo, today: date) -> SetStatus:
    lists = tuple(ListStatus(operator, day, _age(day, today)) for operator, day in info.lists.items())
    age = _age(info.date, today)
    return SetStatus(info.name, info.title, info.date, age, info.max_age_days, info.licence, info.credit, lists)


def _age(day: str, today: date) -> int:
    return (today - date.fromisoformat(day)).days
