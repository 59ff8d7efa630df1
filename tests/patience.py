"""An event loop whose time stands still while there is work to do: what is slow is the machine, and nobody's fault.

Most tests have both ends of a connection in one loop, and deadlines of tenths of a second, since many of them wait for
one to pass. On a machine that is busy with others the process may stand still for seconds, and by its clock a deadline
passes then although the answer is there to be read. So this clock counts the seconds in which the loop waits with
nothing to do, as in "the partner is silent", and of every turn of work no more than a moment.
"""

import asyncio
import re
import selectors
import time
from typing import Any, Final

#: Seconds that one turn of work may count for; more than none, so that work without end meets its deadline as well.
MOMENT: Final = 0.001
#: The piece of work of `slowness`, and the seconds that it takes where limits were set.
_LINE: Final = re.compile(r"(?m)^(\w+): +(\S+) - (\S+)$")
_COUNT: Final = 3000
_LINES: Final = "inetnum: 192.0.2.0 - 192.0.2.255\n" * _COUNT
_TAKES: Final = 0.05


class _Waiting(selectors.DefaultSelector):
    """Waits for files as ever, and counts how long."""

    def __init__(self) -> None:
        """Start at the machine's time."""
        super().__init__()
        self._counted = self._worked_since = time.monotonic()

    def now(self) -> float:
        """Return the time that was counted, in seconds."""
        return self._counted + min(time.monotonic() - self._worked_since, MOMENT)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready. What is ready without waiting takes no time, however late it is looked at."""
        self._counted = self.now()
        begun = self._worked_since = time.monotonic()
        ready = super().select(0)
        if not ready and timeout != 0:
            ready = super().select(timeout)
            waited = time.monotonic() - begun
            self._counted += waited if timeout is None else min(waited, timeout)
            self._worked_since = time.monotonic()
        return ready


class PatientLoop(asyncio.SelectorEventLoop):
    """The loop of asyncio with that clock. Waiting for another process or a thread is waiting, and counts."""

    def __init__(self) -> None:
        """Open the loop."""
        self._waiting = _Waiting()
        super().__init__(self._waiting)

    def time(self) -> float:
        """Return the loop's time, which every deadline and every sleep within it goes by."""
        return self._waiting.now()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Fail the test around when a task or future went with an error that nobody read.

        It is called while the collector takes it; what is raised there, pytest makes the error of the test that runs.
        """
        super().call_exception_handler(context)
        if "never retrieved" in context["message"]:
            raise AssertionError(context["message"]) from context.get("exception")


def slowness() -> float:
    """Return how many times as long as the machine where limits were set this one takes for its work, at least 1.

    For tests of what outsiders can make us do: what takes a second there and five here is no worse here.
    """
    begun = time.process_time()
    for _ in range(20):
        assert sum(1 for _ in _LINE.finditer(_LINES)) == _COUNT
    return max(1.0, (time.process_time() - begun) / _TAKES)


class LoopTime:
    """Stands in for the module `time` in a library whose deadlines within a loop go by the machine's clock."""

    @staticmethod
    def time() -> float:
        """Return the time of the loop that runs, in seconds, or the machine's."""
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return time.time()
