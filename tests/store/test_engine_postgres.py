"""PostgreSQL keeps every promise of the conformance class, and those of a server that can go away."""

import pytest

from tests.store.conformance import Conformance


@pytest.mark.postgres
class TestPostgres(Conformance):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url
