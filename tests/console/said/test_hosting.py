from router.console.said import hosting
from tests.console.said.said_by import said_by


def test_it_is_what_those_sources_say() -> None:
    assert {*hosting.SAID, *hosting.FILLED} - said_by("hosting/sources") == set()
