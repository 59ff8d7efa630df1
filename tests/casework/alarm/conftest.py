from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bells import Alarmed, alarmed


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Alarmed]:
    """An office that rings."""
    async with alarmed(tmp_path) as opened:
        yield opened
