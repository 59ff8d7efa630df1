"""`locate --input` over a million lines: time, and peak memory of the parent and its processes.

Run: python -m benchmarks.locate_bulk [--lines N] [--jobs N]; the answers are counted and thrown away.
`make soak` asks for a million, and keeps the rows.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.table import Row, row

ROOT = Path(__file__).resolve().parent.parent

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


def measure(count: int, jobs: int) -> tuple[float, float, int]:
    """Return seconds, peak megabytes of the largest process, and the number of answers."""
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
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, answered


def rows(count: int, jobs: int = 2) -> list[Row]:
    """Return the rows of a file of `count` lines, beside a tenth of it. Raise SystemExit when one is not answered."""
    _, little, _ = measure(count // 10, jobs)
    seconds, peak, answered = measure(count, jobs)
    if answered != count:
        raise SystemExit(f"only {answered:,} of {count:,} lines were answered")
    name = f"locate --input, {count:,} lines, {jobs} processes"
    return [
        row(name, count / seconds, "lines/s"),
        row(f"{name}: peak memory of one", peak, "MB", (f"{count // 10:,} lines, MB", little), MOST_MEMORY),
    ]


def main() -> int:
    """Print the figures; return 1 when an input was not answered."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    for count in (given.lines // 10, given.lines):
        seconds, peak, answered = measure(count, given.jobs)
        rate = f"{count / seconds:,.0f} lines/s"
        print(f"{count:>10,} lines, {given.jobs} processes: {seconds:7.1f} s, {rate}, peak {peak:.0f} MB a process")
        if answered != count:
            print(f"only {answered:,} answers", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
