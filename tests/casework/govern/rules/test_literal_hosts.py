"""No name, reason or remark of a policy is a location, and what only looks like one is left alone."""

from pathlib import Path

import pytest

from router.casework.govern.rules.literal_hosts import check_no_location
from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.errors import PolicyInvalid

POLICY = """
version = 1
home = "BE"  # {remark}

[[route]]
name = "{name}"
to = ["desk"]
reason = "{reason}"

[[tests]]
name = "{test}"
given = {{}}
expect = ["desk"]
"""
HARMLESS = {"name": "rest", "reason": "see docs/policy.md, from 08:00:00 on", "test": "people", "remark": "as agreed"}


def checked(**said: str) -> None:
    text = POLICY.format(**HARMLESS | said)
    check_no_location(text)


def test_what_is_no_location_passes() -> None:
    checked()


@pytest.mark.parametrize("part", sorted(HARMLESS))
@pytest.mark.parametrize("host", ["bad.example.com", "192.0.2.7"])
def test_a_location_is_refused_wherever_it_is_written(part: str, host: str) -> None:
    with pytest.raises(PolicyInvalid, match="looks like a location") as caught:
        checked(**{part: host})
    assert host not in caught.value.message
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("url", ["https://bad.example/p", "http://[2001:db8::1]/", "bad[.]example"])
def test_urls_and_defanged_hosts_are_refused_too(url: str) -> None:
    with pytest.raises(PolicyInvalid):
        checked(remark=url)


@pytest.mark.parametrize("path", [BELGIAN_PROTOCOL, PLAIN])
def test_the_shipped_policies_name_none(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    check_no_location(text)
