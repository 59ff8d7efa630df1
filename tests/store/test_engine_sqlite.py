"""The embedded engine keeps every promise of the conformance class, and those of its own file."""

from pathlib import Path

import pytest

from tests.store.conformance import Conformance


class TestSqlite(Conformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'router.db'}"
