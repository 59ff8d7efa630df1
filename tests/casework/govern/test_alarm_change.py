"""Whom alarms reach is changed by two, whichever way: a receiver taken away is silence."""

from pathlib import Path

import pytest

from router.casework.alarm.ways import in_force, publish
from router.casework.govern.alarm_change import put_alarm
from router.casework.govern.second_person import confirm
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings, Webhook
from tests.governed import ANNA, BOB, governed

ONE = AlarmSettings(webhook=(Webhook(url="https://ring.example/a"),))
TWO = AlarmSettings(webhook=(*ONE.webhook, Webhook(url="https://ring.example/b")))


@pytest.mark.parametrize(("before", "wanted"), [(ONE, TWO), (TWO, ONE), (ONE, AlarmSettings())])
async def test_more_and_less_both_wait(tmp_path: Path, before: AlarmSettings, wanted: AlarmSettings) -> None:
    async with governed(tmp_path) as ctx:
        await publish(ctx.store, before, ctx.now(), ROUTER)
        done = await put_alarm(ctx, wanted, ANNA)
        assert (done.version, done.proposed) == (1, ("alarm",))
        assert await in_force(ctx.store) == before
        assert (await confirm(ctx, "alarm", BOB)).version == 2
        assert await in_force(ctx.store) == wanted


async def test_what_is_in_force_already_is_not_proposed(tmp_path: Path) -> None:
    async with governed(tmp_path) as ctx:
        await publish(ctx.store, ONE, ctx.now(), ROUTER)
        assert (await put_alarm(ctx, ONE, ANNA)).proposed == ()
