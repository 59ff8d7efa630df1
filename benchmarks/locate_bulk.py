"""`locate --input` over a million lines: time, processor time a line, and peak memory of the parent and its processes.

Run: python -m benchmarks.locate_bulk [--lines N] [--jobs N]; the answers are counted and thrown away.
`make soak` asks for a million, and keeps the rows. Beside it, in the same run: as many processes that only read each
URL as a browser does and write JSON of an answer's length, which is what no look-up at all would leave. The processor
time tells what the wall time hides where others use the machine.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import can_ada

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.table import Row, row

ROOT = Path(__file__).resolve().parent.parent

#: Lines a second, with two processes on two cores.
TARGET = 60_000
#: Octets of an answer, on the average of the lines below.
_ANSWER = 1_000
#: Megabytes that one process may take, however many lines there are: what it keeps of networks it met is bounded.
MOST_MEMORY = 200.0


def lines(count: int) -> Iterator[str]:
    """Yield locations as they come: mostly addresses, some names, a few that have no host or cannot be read."""
    for number in range(count):
        kind = random.random()
        if kind < 0.80:
            address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
            yield f"http://{address}/path/{number}?x={number}\n"
        elif kind < 0.97:
            yield f"hxxps://host{number}[.]example[.]org/a/{number}\n"
        elif kind < 0.99:
            yield f"http://x{number}.onion/\n"
        else:
            yield f"http://a..b/{number}\n"


class Measured(NamedTuple):
    """What one run took."""

    seconds: float
    cpu: float  #: seconds of all processes together
    peak: float  #: megabytes of the largest one
    answered: int


def _write_only(file: Path, at: int, jobs: int) -> None:
    """Read every `jobs`-th line, from number `at` on, and write JSON of an answer's length: all but the answer."""
    filler = "x" * _ANSWER
    with file.open(encoding="ascii") as given, Path(os.devnull).open("w", encoding="ascii") as away:
        for text in islice(given, at, None, jobs):
            with suppress(ValueError):
                host = can_ada.parse(text).hostname
                away.write(json.dumps({"input": text, "host": host, "verdict": filler}) + "\n")


def writing_alone(count: int, jobs: int) -> float:
    """Return the lines a second of processes that look nothing up."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "locations.txt"
        with file.open("w", encoding="ascii") as opened:
            opened.writelines(lines(count))
        begun = time.perf_counter()
        processes = [multiprocessing.Process(target=_write_only, args=(file, at, jobs)) for at in range(jobs)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return count / (time.perf_counter() - begun)


def measure(count: int, jobs: int) -> Measured:
    """Locate so many lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "locations.txt"
        with file.open("w", encoding="ascii") as opened:
            opened.writelines(lines(count))
        begun = time.perf_counter()
        command = [sys.executable, "main.py", "locate", "--offline", "--json"]
        process = subprocess.Popen(
            [*command, "--input", str(file), "--jobs", str(jobs)], stdout=subprocess.PIPE, cwd=ROOT
        )
        output = process.stdout
        assert output is not None
        answered = sum(part.count(b"\n") for part in iter(lambda: output.read(1 << 20), b""))
        if process.wait() != 0:
            raise SystemExit("locate failed")
        seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, cpu, used.ru_maxrss / 1024, answered)


def rows(count: int, jobs: int = 2) -> list[Row]:
    """Return the rows of a file of `count` lines, beside a tenth of it. Raise SystemExit when one is not answered."""
    little = measure(count // 10, jobs)
    found = measure(count, jobs)
    if found.answered != count:
        raise SystemExit(f"only {found.answered:,} of {count:,} lines were answered")
    name = f"locate --input, {count:,} lines, {jobs} processes"
    limit = (f"URLs read and JSON written alone, {jobs} processes", writing_alone(count, jobs))
    memory = (f"{count // 10:,} lines, MB", little.peak)
    return [
        row(name, count / found.seconds, "lines/s", limit, TARGET if jobs == 2 else None),
        row(f"{name}: processor time of all, a line", 1e6 * found.cpu / count, "us"),
        row(f"{name}: peak memory of one", found.peak, "MB", memory, MOST_MEMORY),
    ]


def main() -> int:
    """Print the figures; return 1 when an input was not answered."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    for count in (given.lines // 10, given.lines):
        found = measure(count, given.jobs)
        rate, cpu = f"{count / found.seconds:,.0f} lines/s", f"{1e6 * found.cpu / count:.1f} us CPU a line"
        print(f"{count:>10,} lines, {given.jobs} processes: {found.seconds:7.1f} s, {rate}, {cpu}, {found.peak:.0f} MB")
        if found.answered != count:
            print(f"only {found.answered:,} answers", file=sys.stderr)
            return 1
    print(f"URLs read and JSON written alone: {writing_alone(given.lines, given.jobs):,.0f} lines/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
