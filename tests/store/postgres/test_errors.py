"""PostgreSQL's errors become ours, without its words."""

import asyncpg
import pytest

from router.errors import StoreUnavailable
from router.store.engine import Clash
from router.store.postgres.errors import is_lost, is_worth_another_try, translated


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (asyncpg.DiskFullError("secret"), "disk_full"),
        (asyncpg.TooManyConnectionsError("secret"), "resources"),
        (asyncpg.ReadOnlySQLTransactionError("secret"), "read_only"),
        (asyncpg.AdminShutdownError("secret"), "connection"),
        (asyncpg.CannotConnectNowError("secret"), "connection"),
        (asyncpg.ConnectionDoesNotExistError("secret"), "connection"),
        (asyncpg.LockNotAvailableError("secret"), "busy"),
        (asyncpg.PostgresIOError("secret"), "io_error"),
        (ConnectionResetError("secret"), "connection"),
        (TimeoutError("secret"), "connection"),
        (OSError("secret"), "connection"),
    ],
)
def test_what_may_pass_is_unavailable_with_a_time_to_try_again(error: Exception, reason: str) -> None:
    found = translated(error)
    assert isinstance(found, StoreUnavailable)
    assert found.reason == reason
    assert found.retry_after
    assert "secret" not in str(found)


def test_a_unique_rule_is_a_clash() -> None:
    assert isinstance(translated(asyncpg.UniqueViolationError("secret")), Clash)


def test_any_other_rule_is_a_fault_of_ours_that_names_it() -> None:
    error = asyncpg.CheckViolationError("secret")
    error.constraint_name = "nothing_waits_unseen"
    found = translated(error)
    assert isinstance(found, ValueError)
    assert "nothing_waits_unseen" in str(found)
    assert "secret" not in str(found)


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError("secret"), asyncpg.InterfaceError("secret")])
def test_the_rest_is_a_fault_of_ours_without_its_words(error: Exception) -> None:
    found = translated(error)
    assert isinstance(found, ValueError)
    assert "secret" not in str(found)


def test_only_what_met_another_is_tried_again() -> None:
    assert is_worth_another_try(asyncpg.DeadlockDetectedError("x"))
    assert is_worth_another_try(asyncpg.SerializationError("x"))
    assert not is_worth_another_try(asyncpg.UniqueViolationError("x"))
    assert not is_worth_another_try(OSError())


def test_a_lost_connection_is_told_from_a_refused_statement() -> None:
    assert is_lost(ConnectionResetError(), None)
    assert is_lost(TimeoutError(), None)
    assert is_lost(asyncpg.CrashShutdownError("x"), None)
    assert not is_lost(asyncpg.UniqueViolationError("x"), None)
    assert not is_lost(asyncpg.InterfaceError("x"), None)
