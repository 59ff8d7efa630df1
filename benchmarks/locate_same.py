"""Say whether this checkout answers as another one: `python -m benchmarks.locate_same OTHER [--lines N] [--seed N]`.

OTHER is a work tree of the commit to compare with (`git worktree add`), with an environment of its own or a link to
this one's. Both answer the same random lines offline, as JSON; each line of both must be the same to the byte.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.locate_bulk import ROOT, lines


def answers(checkout: Path, file: Path) -> list[bytes]:
    """Return what a checkout answers to each line of a file."""
    command = [sys.executable, "main.py", "locate", "--offline", "--json", "--input", str(file), "--jobs", "2"]
    done = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return done.stdout.splitlines()


def main() -> int:
    """Compare; return 1 when an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "locations.txt"
        file.write_text("".join(lines(chosen.lines)), encoding="ascii")
        ours, theirs = answers(ROOT, file), answers(chosen.other, file)
    differing = sum(one != other for one, other in zip(ours, theirs, strict=True))
    print(f"{len(ours):,} answers, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
