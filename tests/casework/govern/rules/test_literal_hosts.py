"""No name, reason or remark of a policy is a location, and what only looks like one is left alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


#: A policy whose reason is said in another language, by a key that a list of partners may have as well.
TRANSLATED = """
version = 1
home = "BE"

[[route]]
name = "rest"
to = ["desk", "police.example.com"]
reason = "to"

[translations.nl]
{line}

[[tests]]
given = {{}}
expect = ["desk", "police.example.com"]
"""
_LINES = (
    '"to" = "{}"',
    'to = "{}"',
    "'to' = '{}'",
    '"zie {}" = "dat"',
    "to = 'zie {}, dan'",
    'to = """\nzie {}\n"""',
    'to = "dat"  # {}',
)
_HOSTS = st.sampled_from(
    ["bad.example.com", "192.0.2.7", "bad[.]example.org", "https://bad.example/p", "[2001:db8::1]"]
)


@given(language=st.sampled_from(["nl", "fr", "de", "en"]), line=st.sampled_from(_LINES), host=_HOSTS)
def test_no_translation_names_a_host_in_any_language(language: str, line: str, host: str) -> None:
    text = TRANSLATED.format(line=line.format(host)).replace("translations.nl", f"translations.{language}")
    check_no_location(text.replace(host, "dat"))
    with pytest.raises(PolicyInvalid, match="looks like a location") as caught:
        check_no_location(text)
    assert host not in caught.value.message


@given(
    line=st.sampled_from(['"to" = "{}"', 'to = "{}"', '"{}" = "dat"', 'to = """{}"""']),
    spelt=st.sampled_from(
        [r"bad\u002eexample\u002ecom", r"bad\U0000002eexample.co\u006d", r"192\u002e0\u002e2\u002e7"]
    ),
)
def test_a_host_that_is_spelt_by_escapes_is_one(line: str, spelt: str) -> None:
    with pytest.raises(PolicyInvalid, match="looks like a location"):
        check_no_location(TRANSLATED.format(line=line.format(spelt)))


@pytest.mark.parametrize(
    "table", ['[labels]\nto = ["bad.example.com"]', '[severity.schemes]\nexpect = ["bad.example.com"]']
)
def test_only_where_partners_are_named_may_a_name_look_like_a_host(table: str) -> None:
    with pytest.raises(PolicyInvalid, match="looks like a location"):
        check_no_location(f"{POLICY.format(**HARMLESS)}\n{table}\n")
