import re
from pathlib import Path

import pytest

from router.clock import SystemClock
from router.errors import BadInput
from router.partners import DIALECTS, speakers
from router.partners.base import Reason, Tools
from tests.loopback import Loopback


async def test_the_table_lists_every_dialect_under_its_name(net: Loopback) -> None:
    found = speakers(Tools(await net.egress(), SystemClock(), "hotline-be"))
    assert {name: dialect.name for name, dialect in found.items()} == {name: name for name in DIALECTS}


async def test_a_secret_that_nobody_set_is_named(net: Loopback) -> None:
    with pytest.raises(BadInput, match="'police'"):
        Tools(await net.egress(), SystemClock(), "hotline-be").secret("police")


def test_every_reason_is_a_stable_word() -> None:
    assert all(reason == reason.lower() and " " not in reason for reason in Reason)
    assert len(set(Reason)) == len(Reason.__members__)


TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_dialect_keeps_the_promises_of_all(name: str) -> None:
    """A test class of its own, in `test_NAME.py` or in its folder, inherits `Promises` or `HttpPromises`."""
    files = [TESTS / f"test_{name}.py", *(TESTS / name).glob("test_*.py")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.exists()]
    assert any(re.search(r"^class Test\w+\((?:Http)?Promises\)", text, re.MULTILINE) for text in texts), (
        f"no test of the dialect {name} inherits Promises (tests/partners/conformance*.py)"
    )
