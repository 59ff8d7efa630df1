"""The parts of the simulated world, running on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.world.ca import Authority
from router.world.dns import NameServer
from router.world.zone import story_zone


@pytest.fixture
async def name_server() -> AsyncIterator[NameServer]:
    async with NameServer(story_zone()) as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)
