"""What every use-case works with: frozen, and its own clock."""

from dataclasses import FrozenInstanceError, fields

import pytest

from router.casework.context import Context
from router.casework.deliver.send import lease
from router.clock import micros
from tests.casebook import Casebook


async def test_now_is_business_time_in_microseconds(book: Casebook) -> None:
    assert book.ctx.now() == micros(book.clock.now())
    book.later(days=5)
    assert book.ctx.now() == micros(book.clock.now())


async def test_nothing_changes_while_the_router_runs(book: Casebook) -> None:
    for one in fields(Context):
        with pytest.raises(FrozenInstanceError):
            setattr(book.ctx, one.name, None)
    with pytest.raises((AttributeError, TypeError)):
        book.ctx.extra = 1  # type: ignore[attr-defined] # what is forbidden


async def test_a_lease_is_never_shorter_than_a_call(book: Casebook) -> None:
    """What is leased for less would be sent by somebody else while the first call still runs."""
    assert lease(book.ctx) >= 2 * book.ctx.call_seconds
