"""What this process may do, and what it leaves behind: open files, core dumps, memory that others could read.

The limits are the shell's or the service manager's. A soft limit is raised to the hard one; what is still too little is
said before it is met: a router that runs out of files stops taking reports.
"""

import ctypes
import resource
import sys
from contextlib import suppress
from typing import Final, NamedTuple

#: Open files besides connections: the database, name servers, partners, data sets, a policy's process.
RESERVED: Final = 128
#: Fewer open files than this are not worth starting with.
LEAST_FILES: Final = 256
#: From sys/prctl.h: whether a process leaves a core dump, and may be traced by others of its user.
_PR_SET_DUMPABLE: Final = 4
#: What macOS takes at most where it says that there is no limit (OPEN_MAX).
_OPEN_MAX: Final = 10_240
_GIB: Final = 2**30


class Limit(NamedTuple):
    """A limit that a router can run into, and the least it should be."""

    resource: int
    name: str
    option: str  #: of the shell's `ulimit`
    least: int


LIMITS: Final = (
    Limit(resource.RLIMIT_NOFILE, "open files", "-n", 1024),
    Limit(resource.RLIMIT_FSIZE, "bytes of one file", "-f", 64 * _GIB),
    Limit(resource.RLIMIT_AS, "bytes of address space", "-v", 2 * _GIB),
    Limit(resource.RLIMIT_NPROC, "processes and threads", "-u", 128),
)


def leave_no_dump() -> None:
    """Leave no core dump, and let nobody of the same user look into our memory: both hold keys and locations."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def open_files() -> int:
    """Raise the limit of open files as far as we may, and return it. Raise CannotStart when it is too little."""
    from router.errors import CannotStart  # every verb comes by here, and most need no words

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (hard, _OPEN_MAX):
        if hard != soft:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                break
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _GIB
    if soft < LEAST_FILES:
        raise CannotStart(
            f"This process may open {soft} files and needs {LEAST_FILES} at least; raise the limit (`ulimit -n`, or"
            " LimitNOFILE of the service) and start again."
        )
    return soft


def too_tight() -> list[str]:
    """Return a sentence for each limit of this process that is less than a router should have."""
    found = []
    for limit in LIMITS:
        _, hard = resource.getrlimit(limit.resource)
        if hard not in {resource.RLIM_INFINITY, -1} and hard < limit.least:
            found.append(f"{limit.name}: {hard}, should be {limit.least} (`ulimit {limit.option}`)")
    return found
