"""What most tests of the worker start with: an office whose partners are scripted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.casebook import Casebook, casebook


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened
