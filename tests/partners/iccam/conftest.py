from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.partners.iccam.stage import Near, near


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Near]:
    """A hub within reach."""
    async with near(tmp_path) as running:
        yield running
