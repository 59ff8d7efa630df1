"""How often Python looks for garbage, in a process that makes much that lives."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: New objects after which the youngest are looked at: what a batch of a thousand reports makes.
_GARBAGE: Final = 50_000


def spare_collector() -> None:
    """Let Python look for garbage less often: nothing here lives in cycles for long, and a batch makes much that lives.

    With the defaults the collector walks every live object again and again while a thousand reports are prepared, which
    costs a fifth of the time (measured by benchmarks/intake.py). What stands when the program is ready is never walked.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 20, 50)


@contextmanager
def put_together() -> Iterator[None]:
    """Let Python look for no garbage while a program is put together, until `spare_collector`: all that it makes lives.

    With the defaults a quarter of a start's processor time goes into walking what was imported, again and again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
