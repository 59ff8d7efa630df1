"""Absolute URLs inside a URL, however they are encoded."""

import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.location.inner_url import Found, absolute, parts_of, urls_in
from tests.hosting.location.pasting import hosts

INNER = "https://evil.test/x?y=1"


def found_in(url: str) -> list[Found]:
    return list(urls_in(parts_of(url)))


@given(hosts, st.sampled_from(["http", "https"]), st.sampled_from(["/x", "/x?y=1&z=2", "/é", "/a/b.jpg"]))
def test_a_value_is_read_however_it_was_encoded(host: str, scheme: str, path: str) -> None:
    inner = f"{scheme}://{host}{path}"
    once = quote(inner, safe="")
    for value in (once, quote(once, safe=""), quote(quote(once, safe=""), safe="")):
        assert absolute(value) == inner
    for value in (b64encode(inner.encode()).decode(), urlsafe_b64encode(inner.encode()).decode().rstrip("=")):
        assert absolute(value) == inner
        assert absolute("a1" + value) == inner
    assert absolute(inner.encode().hex()) == inner


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"https://o.test/{INNER}", Found(INNER)),
        ("https://o.test/a/https:/evil.test/x", Found("https://evil.test/x")),
        (f"https://o.test/a/{quote(INNER, safe='')}/b", Found(INNER)),
        (f"https://o.test/v2/___{INNER}___.abc", Found(INNER)),
        (f"https://o.test/RU={quote(INNER, safe='')}/RK=2", Found(INNER)),
        (f"https://o.test/?{INNER}", Found(INNER)),
        (f"https://o.test/?{quote(INNER, safe='')}", Found(INNER)),
        (f"https://o.test/#{INNER}", Found(INNER)),
        (f"https://o.test/#/{INNER}", Found(INNER)),
        (f"https://o.test/?a=b&u={quote(INNER, safe='')}&c", Found(INNER, "u")),
        (f"https://o.test/?a=b;u={quote(INNER, safe='')}", Found(INNER, "u")),
        (f"https://o.test/?a=b&amp;u={quote(INNER, safe='')}", Found(INNER, "u")),
        (f"https://o.test/#url={quote(INNER, safe='')}", Found(INNER, "url")),
        ("https://o.test/?u=http:/evil.test/x", Found("http://evil.test/x", "u")),
        (f"https://o.test/r/{urlsafe_b64encode(INNER.encode()).decode()}", Found(INNER)),
    ],
)
def test_it_is_found_in_every_place(url: str, found: Found) -> None:
    assert found in found_in(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://o.test/a/b?c=d",
        "https://o.test/https",
        "https://o.test/http-status/404",
        "https://o.test/?q=what+is+https",
        "https://o.test/?u=//evil.test/x",
        "https://o.test/?u=ftp://evil.test/x",
        "https://o.test/?id=aHR0cA",
        "https://o.test/xhttps://evil.test",
    ],
)
def test_what_is_no_absolute_url_is_none(url: str) -> None:
    assert found_in(url) == []


@given(st.text("ahtps:/%25?=&#.xR0cM6Ly9", max_size=80))
def test_any_text_is_searched(rest: str) -> None:
    for found in found_in(f"https://o.test/{rest}"):
        assert found.text.lower().startswith(("http:", "https:"))


@pytest.mark.parametrize("made", ["http:/", "%25", "https%3A%2F%2F", "aHR0c", "68747470", "&", "a=http://", "_", "/"])
def test_a_url_made_to_be_slow_is_not(made: str, slowness: float) -> None:
    begun = time.process_time()
    for start in ("https://o.test/", "https://o.test/?", "https://o.test/#", "https://o.test/?u="):
        found_in(start + made * (8_000 // len(made)))
    assert time.process_time() - begun < slowness
