"""Processes of a measurement: each says when it is ready, and none outlives the block that started it."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
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
