"""A casebook whose house writes and signs its papers, with two supervisors and an analyst who have accounts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.console.trail.paper import HousePapers
from tests.casebook import Casebook, casebook
from tests.embargoes import people


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        opened.ctx = replace(opened.ctx, house=HousePapers(Ed25519PrivateKey.generate()))
        await people(opened.ctx)
        yield opened
