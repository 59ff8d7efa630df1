"""Processes of a measurement: each says when it is ready, and none outlives the block that started it."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Seconds until a process that said nothing is given up, and until one that was told to end is killed.
_PATIENCE, _GOODBYE = 60.0, 10.0


@contextmanager
def started(target: Callable[..., None], *given: Any) -> Iterator[tuple[Any, Connection]]:
    """Run `target(*given, connection)` in a fresh interpreter; yield the first thing it sent, and our end."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*given, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_PATIENCE):
            raise SystemExit(f"{target.__name__} did not become ready")
        yield ours.recv(), ours
    finally:
        process.terminate()
        process.join(_GOODBYE)
        process.kill()
        process.join()


class Cores:
    """How busy the machine's cores are from its making on: what a rate leaves idle, no processor time explains."""

    def __init__(self) -> None:
        """Begin."""
        self._before = _jiffies()

    def busy(self) -> float:
        """Return the percentage of all cores that was in use since, by whomever."""
        total, idle = (after - before for after, before in zip(_jiffies(), self._before, strict=True))
        return 100.0 * (total - idle) / total if total else 0.0


def _jiffies() -> tuple[int, int]:
    """Return the time of all cores together and what of it was idle or waited for a disk (proc(5), /proc/stat)."""
    spent = [int(one) for one in Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()[1:9]]
    return sum(spent), spent[3] + spent[4]
