"""The stage stands: three instances that know each other, the police, and a world whose days pass."""

from datetime import timedelta
from pathlib import Path

import pytest

from router.cli.demonstration.stage import ROUTERS, set_stage
from router.world.story import CHANGES, HOME, START

# Three processes start, each with a store, its data and a web application: 5 to 10 s on two shared cores.
pytestmark = pytest.mark.timeout(180)


async def test_the_stage_stands_and_its_days_pass(tmp_path: Path) -> None:
    async with set_stage(tmp_path) as stage:
        assert set(stage.instances) == {site.partner for site in ROUTERS}
        assert (await stage.home.get("/v1/cases"))["items"] == []
        first = CHANGES[0]
        before = stage.zone.find(first.host, "A").records
        for _ in range(first.day):
            assert stage.zone.find(first.host, "A").records == before
            await stage.next_day()
        assert [one.data for one in stage.zone.find(first.host, "A").records] == list(first.addresses)
        assert stage.clock.now() - START >= timedelta(days=first.day)
        processes = [instance._process for instance in stage.instances.values()]
        assert stage.console.startswith("http://127.0.0.1:")
    assert all(process.returncode is not None for process in processes)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == sorted(stage.instances)
    assert HOME in stage.instances
