"""`make mutants`: change one thing at a time in the rooms that must not be wrong, and see whether a test notices.

    python benchmarks/mutants.py [--minutes 120] [--seed 1] [--room router/delivery ...]

A seeded sample of mutants (a comparison turned, a condition negated, a number off by one, a call left out) is tried in
a copy of the tree, never in the tree itself: first against the file's mirror test, then, when that lets it live, with
the tests of its whole room and the stories about delivery. What lives through all of them is a survivor, and is read by
a person: either a test is missing, or the code says more than it needs. Never part of CI: it takes hours to mean much.
Writes `benchmarks/mutants.json` with date and commit.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "benchmarks" / "mutants.json"
ROOMS: Final = (
    "router/casework/follow_up",
    "router/casework/deliver",
    "router/delivery",
    "router/policy",
    "router/guard/verify.py",
)
#: Seconds after which a test run counts as having noticed: a loop that never ends is noticed by everybody.
PATIENCE: Final = 240
_COPIED: Final = ("router", "schemas", "tests", "benchmarks", "docs", "examples", "main.py", "pyproject.toml", ".ci")
_TURNED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_SIGNS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult,
}  # fmt: skip
_ENDS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, what it was, what it is."""

    file: str
    line: int
    was: str
    now: str
    source: str  #: the whole file, changed


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant."""

    file: str
    line: int
    was: str
    now: str
    noticed_by: str | None  #: the tests that failed; None is a survivor


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file that can be changed, and in which of its two ways."""

    file: Path
    at: int  #: number of the node, as `ast.walk` comes by
    how: int

    def mutant(self) -> Mutant:
        """Return the file with this one change."""
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        node = next(node for number, node in enumerate(ast.walk(tree)) if number == self.at)
        was, line = ast.unparse(node), getattr(node, "lineno", 0)
        _change(node, self.how)
        now, file = ast.unparse(node), str(self.file.relative_to(ROOT))
        return Mutant(file, line, was[:160], now[:160], ast.unparse(tree))


def places_of(file: Path) -> Iterator[Place]:
    """Yield every place of a file that can be changed. Decorators are left out: they say how a class is kept."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    above = [one for node in ast.walk(tree) for one in getattr(node, "decorator_list", ())]
    left_out = {id(node) for one in above for node in ast.walk(one)}
    for at, node in enumerate(ast.walk(tree)):
        if id(node) not in left_out:
            yield from (Place(file, at, how) for how in range(2) if _change(copy(node), how))


def _change(node: ast.AST, how: int) -> bool:
    """Change a node in place, in its first or second way; tell whether there is such a way."""
    match node:
        case ast.Compare(ops=[op]) if how == 0 and type(op) in _TURNED:
            node.ops = [_TURNED[type(op)]()]
        case ast.BoolOp(op=op) if how == 0:
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.If(test=test) | ast.IfExp(test=test) if how == 0:
            node.test = ast.UnaryOp(ast.Not(), test)
        case ast.BinOp(op=op) if how == 0 and type(op) in _SIGNS:
            node.op = _SIGNS[type(op)]()
        case ast.Constant(value=bool() as value) if how == 0:
            node.value = not value
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            node.value = value + 1 if how == 0 else value - 1
        case ast.Call(func=ast.Name(id=name)) if how == 0 and name in _ENDS:
            node.func = ast.Name(_ENDS[name], ast.Load())
        case ast.Expr(value=ast.Call() | ast.Await()) if how == 0:
            node.value = ast.Constant(value=None)
        case ast.AugAssign(op=op) if how == 0 and type(op) in _SIGNS:
            node.op = _SIGNS[type(op)]()
        case _:
            return False
    return True


def sample(rooms: list[str], seed: int) -> list[Place]:
    """Return all places of the rooms, in an order that the seed gives: as many are tried as there is time for."""
    files = [file for room in rooms for file in _files(ROOT / room)]
    found = [one for file in files for one in places_of(file)]
    random.Random(seed).shuffle(found)
    return found


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(file for file in place.glob("*.py") if file.name != "__init__.py")


def tests_of(file: str) -> tuple[list[str], list[str]]:
    """Return the mirror test of a file, and what else must notice: the tests of its room."""
    path = Path(file)
    folder = Path("tests", *path.parts[1:-1])
    mirror = [str(folder / f"test_{path.name}")]
    more = [str(folder)]
    if path.parts[1] in ("delivery", "casework"):
        more += ["tests/worker", "tests/stories/test_nothing_waits_unseen.py", "tests/stories/test_five_days_later.py"]
    return [one for one in mirror if (ROOT / one).exists()], [one for one in more if (ROOT / one).exists()]


def is_noticed(folder: Path, tests: list[str]) -> bool:
    """Run tests in the copy; tell whether one of them fails, or hangs."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not postgres", *tests]
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis")}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def fate(folder: Path, mutant: Mutant) -> Fate:
    """Try one mutant in the copy, and put the copy back."""
    place = folder / mutant.file
    before = place.read_text(encoding="utf-8")
    mirror, more = tests_of(mutant.file)
    place.write_text(mutant.source, encoding="utf-8")
    try:
        noticed = next((tests for tests in (mirror, more) if tests and is_noticed(folder, tests)), None)
    finally:
        place.write_text(before, encoding="utf-8")
    return Fate(mutant.file, mutant.line, mutant.was, mutant.now, None if noticed is None else noticed[0])


def run(rooms: list[str], seed: int, minutes: float, keep: Path) -> list[Fate]:
    """Try mutants until the time is up; what was found so far is kept after each."""
    until = time.monotonic() + 60 * minutes
    fates: list[Fate] = []
    found = sample(rooms, seed)
    with tempfile.TemporaryDirectory(prefix="mutants-") as made:
        folder = Path(made)
        for name in _COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
        for place in found:
            if time.monotonic() >= until:
                break
            mutant = place.mutant()
            fates.append(fate(folder, mutant))
            write(fates, len(found), seed, keep)
            if fates[-1].noticed_by is None:
                print(f"SURVIVES {mutant.file}:{mutant.line}  {mutant.was}  ->  {mutant.now}", flush=True)
    return fates


def write(fates: list[Fate], of: int, seed: int, keep: Path) -> None:
    """Write down how many were noticed, by what, and each survivor."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    mirror = sum(one.noticed_by is not None and one.noticed_by.endswith(".py") for one in fates)
    known = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": done.stdout.strip(),
        "seed": seed,
        "of": of,
        "tried": len(fates),
        "noticed by the mirror test": mirror,
        "noticed by the room": sum(one.noticed_by is not None for one in fates) - mirror,
        "survivors": [asdict(one) for one in fates if one.noticed_by is None],
    }
    keep.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Try, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", nargs="+", default=list(ROOMS), metavar="PATH")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    fates = run(given.room, given.seed, given.minutes, given.out)
    alive = sum(one.noticed_by is None for one in fates)
    print(f"{len(fates)} mutants, {len(fates) - alive} noticed, {alive} survive; see {given.out}")


if __name__ == "__main__":
    main()
