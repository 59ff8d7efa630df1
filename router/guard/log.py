"""What is written to the log: JSON lines of our own words, with keys from a list, and no word of anybody else's.

A log outlives cases and is read by people who may not see them. So an entry keeps only keys of `KEYS`, each text is
scrubbed, an exception leaves its class and place but never its message, and a record of a library is reduced to who
wrote it and where: its text may carry a URL, a host or a row. uvicorn's own access log stays off for the same reason.

    log = get_log("delivery")
    log.warning("partner_paused", partner="offlimits-nl", reason="gone")
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import structlog

from router.guard.mask import scrub

#: Everything an entry may say. Ids are random; names of partners, sources, routes and data sets are the operator's.
KEYS: Final = frozenset(
    {
        "at", "level", "event", "room", "error", "place", "library",
        "method", "route", "status", "ms", "request",
        "report", "case", "referral", "partner", "dialect", "policy", "directory", "reason", "code", "state", "step",
        "count", "way", "attempt", "attempts", "seconds", "retry_after", "version", "epoch", "seq", "number",
        "engine", "table", "dataset", "age", "worker", "port", "source", "source_kind", "lane", "outcome",
    }
)  # fmt: skip
_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def get_log(room: str) -> structlog.typing.FilteringBoundLogger:
    """Return the log of a room. Entries are an event name in snake case and keys of `KEYS`.

    structlog's own defaults print tracebacks with the values of variables; whoever asks here never gets those, also in
    a process that forgot `set_up`.
    """
    if not structlog.is_configured():
        _configure(sys.stderr, "info")
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=room)
    return log


def set_up(stream: TextIO | None = None, level: str = "info") -> None:
    """Send our entries and what libraries log to `stream` (standard error); called once, by the verb that runs."""
    _configure(stream or sys.stderr, level)
    logging.basicConfig(handlers=[LibraryHandler()], level=logging.WARNING, force=True)


def _configure(out: TextIO, level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            place_of_exception,
            keep_known,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )


def place_of_exception(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the exception's class and the innermost place it passed."""
    given = entry.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        entry["place"] = place(error.__traceback__)
    return entry


def place(traceback: TracebackType | None) -> str | None:
    """Return `file.py:line` of the innermost frame, or None."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"


def keep_known(_: object, __: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep the keys of the list; scrub their texts; anything but a plain value leaves its type's name only."""
    return {key: _plain(key, value) for key, value in entry.items() if key in KEYS}


def _plain(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        # Moments and places have dots that a scrubber takes for a host's; both are ours.
        return str(value) if key in {"at", "place", "library"} else scrub(value)
    return type(value).__name__


class LibraryHandler(logging.Handler):
    """Turns a library's record into an entry without its text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log which library spoke, how loudly, where, and the class of the exception it saw."""
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().warning(
            "library_message" if record.levelno < logging.ERROR else "library_error",
            library=record.name,
            place=place(error.__traceback__ if error else None) or f"{Path(record.pathname).name}:{record.lineno}",
            error=type(error).__name__ if error else None,
        )
