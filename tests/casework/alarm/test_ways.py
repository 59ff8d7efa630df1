"""Whom alarms reach: the file at the first start, then the store's versions."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from router.casework.alarm.ways import ensure_ways, in_force, publish, ways
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings
from tests.bells import BOTH, HOOK, MAILBOX
from tests.casebook import Casebook


async def test_the_file_is_read_at_the_first_start_only(book: Casebook) -> None:
    first = AlarmSettings.model_validate(BOTH)
    await ensure_ways(book.ctx.store, first, 1)
    await ensure_ways(book.ctx.store, AlarmSettings(), 2)
    assert await in_force(book.ctx.store) == first
    assert first.mail[1].after == timedelta(minutes=10)
    assert await publish(book.ctx.store, AlarmSettings(), 3, ROUTER) == 2
    assert await in_force(book.ctx.store) == AlarmSettings()


async def test_without_a_table_nobody_is_told(book: Casebook) -> None:
    await ensure_ways(book.ctx.store, None, 1)
    assert ways(await in_force(book.ctx.store)) == []


def test_a_ways_name_says_its_kind_and_no_address() -> None:
    names = [way.name for way in ways(AlarmSettings.model_validate(BOTH))]
    assert [name.partition("-")[0] for name in names] == ["webhook", "mail", "mail"]
    assert not any(part in name for name in names for part in (HOOK[8:], MAILBOX))


def test_mail_needs_a_relay() -> None:
    with pytest.raises(ValidationError):
        AlarmSettings.model_validate({"mail": [{"to": MAILBOX}]})
