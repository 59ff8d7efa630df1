from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.loopback import Loopback


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    """A public internet on loopback."""
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()
