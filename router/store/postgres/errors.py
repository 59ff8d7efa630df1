"""What PostgreSQL's errors mean to us, by SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html).

Their texts never pass: a detail line of PostgreSQL quotes the row it refused.
"""

from typing import Final

import asyncpg

from router.errors import StoreUnavailable
from router.store.engine import Clash, broken_rule, unusable_value

#: All that a call of the driver may raise. A timeout is an OSError.
DRIVER_ERRORS: Final = (
    OSError,
    EOFError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OverflowError,  # what COPY says of a number that is too large
    UnicodeEncodeError,
)
#: In seconds: a restart or a failover takes about so long.
RETRY_AFTER: Final = 2.0
_UNIQUE: Final = "23505"
_INTEGRITY: Final = "23"
#: A character that the encoding has not, such as NUL; a number beyond its type.
_UNUSABLE: Final = ("22021", "22P05", "22003")
#: Serialization failure, deadlock: the same transaction may succeed when it is tried again.
_AGAIN: Final = ("40001", "40P01")
_AWAY: Final[dict[str, tuple[str, str]]] = {
    "08": ("connection", "The database does not answer; it is tried again shortly."),
    "25006": ("read_only", "The database takes no writes; give the address of its primary server."),
    "53100": ("disk_full", "The database's disk is full; nothing acknowledged is lost. Free some space."),
    "53": ("resources", "The database is out of connections or memory; try again shortly."),
    "55": ("busy", "The database is busy; try again shortly."),
    "57": ("connection", "The database is stopping or starting; it is tried again shortly."),
    "58": ("io_error", "The database server reports a system error; look into its log."),
}


def is_lost(error: BaseException, connection: "asyncpg.Connection | None") -> bool:
    """Whether the connection is gone, so that nothing more is known of what it was doing."""
    # The driver's "internal" error is a connection that ended under a statement, in the middle of an answer.
    if isinstance(error, (OSError, EOFError, asyncpg.PostgresConnectionError, asyncpg.InternalClientError)):
        return True
    if isinstance(error, (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)):
        return True
    return connection is not None and connection.is_closed()


def is_worth_another_try(error: BaseException) -> bool:
    """Whether the transaction was only in another's way."""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate in _AGAIN


def lost() -> StoreUnavailable:
    """Return the error for a database that cannot be reached."""
    reason, message = _AWAY["08"]
    return StoreUnavailable(message, reason=reason, retry_after=RETRY_AFTER)


def translated(error: Exception) -> Exception:
    """Return our error for one of PostgreSQL's or its driver's."""
    if is_lost(error, None):
        return lost()
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, (asyncpg.DataError, OverflowError, UnicodeEncodeError)) or state in _UNUSABLE:
        return unusable_value()
    if state == _UNIQUE:
        return Clash()
    if state.startswith(_INTEGRITY):
        return broken_rule(getattr(error, "constraint_name", None) or getattr(error, "column_name", None))
    for known in (state, state[:2]):
        if known in _AWAY:
            reason, message = _AWAY[known]
            return StoreUnavailable(message, reason=reason, retry_after=RETRY_AFTER)
    return ValueError(f"PostgreSQL refuses a statement of ours ({state or type(error).__name__})")
