"""The dialect for police units keeps the promises of all."""

from pathlib import Path

import pytest

from tests.partners.conformance import Promises
from tests.partners.dropbox.unit_stage import UnitStage


class TestDropbox(Promises):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> UnitStage:
        return UnitStage.set_up(tmp_path)
