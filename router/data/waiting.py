"""New sets that wait for a person: by them many hosts that were decided lately would stand in another country.

A publisher's mistake would otherwise send every case of a network to the wrong police within a minute. What waits lies
beside what is in force; of the hosts it says only how many there are of each network and country, and no address.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from router.data.datasets import MANIFEST, DataSets
from router.data.in_force import in_force, put_in_force, writing
from router.errors import CannotStart, Conflict, NotFound

#: Where they lie, in an operator's directory of sets.
FOLDER: Final = "waiting"
_MOVES: Final = "moves.json"
#: What is being put in force is copied here first: until it is, what waits stays as it is.
_SCRATCH: Final = ".accepting"
#: Networks that are named in a sentence.
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Move:
    """Some hosts of one network that would stand in another country; None is a doubt, and is for people."""

    asn: int | None
    as_name: str | None
    before: str | None
    after: str | None
    hosts: int

    @property
    def text(self) -> str:
        """In words: `AS64500 Example from NL to DE (12 hosts)`."""
        network = "networks that nobody announces" if self.asn is None else f"AS{self.asn} {self.as_name or ''}".strip()
        count = "1 host" if self.hosts == 1 else f"{self.hosts} hosts"
        return f"{network} from {self.before or 'people'} to {self.after or 'people'} ({count})"


@dataclass(frozen=True, slots=True)
class Moves:
    """What other sets would change of the hosts that were decided last."""

    of: int  #: how many hosts were looked at
    moved: tuple[Move, ...]  #: the most first

    @property
    def hosts(self) -> int:
        """How many hosts would stand in another country."""
        return sum(one.hosts for one in self.moved)

    @property
    def text(self) -> str:
        """In one sentence."""
        named = "; ".join(one.text for one in self.moved[:_MOST_NAMED])
        more = len(self.moved) - _MOST_NAMED
        rest = f"; and {more} more" if more > 0 else ""
        return f"of the last {self.of} hosts that were decided {self.hosts} would stand elsewhere: {named}{rest}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Sets that wait, since when, and why. By its id a person accepts what was read, and no other sets."""

    id: str
    since: str  #: ISO date
    moves: Moves

    @property
    def text(self) -> str:
        """What a person reads of it, and does about it."""
        told = f"New data sets of {self.since} wait for a person: {self.moves.text}."
        return f"{told} Look into it, then `data accept --id {self.id}`."


def put_aside(root: Path, staging: Path, today: date, moves: Moves) -> None:
    """Let the staged sets wait, instead of any that do."""
    (staging / _MOVES).write_text(json.dumps({"since": today.isoformat(), **asdict(moves)}), encoding="utf-8")
    forget(root)
    staging.rename(root / FOLDER)


def waiting(root: Path) -> Waiting | None:
    """Return what waits, None when nothing does. Raise CannotStart for what cannot be read."""
    return _read(root / FOLDER)


def _read(folder: Path) -> Waiting | None:
    if not (folder / _MOVES).exists():
        return None
    try:
        raw = (folder / _MOVES).read_bytes()
        kept = json.loads(raw)
        edition = hashlib.sha256((folder / MANIFEST).read_bytes() + raw).hexdigest()[:12]
        return Waiting(edition, kept["since"], Moves(kept["of"], tuple(Move(**one) for one in kept["moved"])))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStart("What is said of the waiting data sets cannot be read; run `data refresh` again.") from error


def accept(root: Path, today: date, edition: str) -> Waiting:
    """Put in force what waits under this id, and return it. Killed anywhere, it still waits, or is in force.

    Raise NotFound when nothing waits, Conflict when others wait by now, CannotStart when they are damaged or cannot be
    put in force.
    """
    scratch = root / _SCRATCH
    with writing():
        shutil.rmtree(scratch, ignore_errors=True)
        if waiting(root) is None:
            raise NotFound("No data sets wait; `data status` shows those in force.")
        shutil.copytree(root / FOLDER, scratch)
    try:
        found = _read(scratch)
        if found is None or found.id != edition:
            raise Conflict("Other data sets wait than those; read `data status` again.", field="id")
        DataSets.open(scratch).close()
        with writing():
            (scratch / _MOVES).unlink()
            put_in_force(root, scratch, today, in_force(root))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if waiting(root) == found:
        forget(root)
    return found


def forget(root: Path) -> None:
    """Throw away what waits: newer sets were fetched since."""
    shutil.rmtree(root / FOLDER, ignore_errors=True)


def counted(of: int, moved: Sequence[tuple[int | None, str | None, str | None, str | None]]) -> Moves:
    """Return hosts, each as (AS number, its name, country before, country after), counted by what is alike."""
    kinds = {one: moved.count(one) for one in dict.fromkeys(moved)}
    ordered = sorted(kinds.items(), key=lambda kind: -kind[1])
    return Moves(of, tuple(Move(*one, hosts) for one, hosts in ordered))
