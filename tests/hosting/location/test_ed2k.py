"""A file of the ed2k network is named by its size and hash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.hosting.location.ed2k import read_ed2k
from router.hosting.location.url import read
from schemas.locator import LocationKind

HASH = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f"ed2k://|file|a.avi|12|{HASH}|/",
        f"ED2K://|FILE|a.avi|12|{HASH.upper()}|/",
        f"ed2k://|file|a.avi|0012|{HASH}|h=ABCDEF|/",
        f"ed2k://|file|a.avi|12|{HASH}|/|sources,192.0.2.1:4662|/",
        f"ed2k://%7Cfile%7Ca.avi%7C12%7C{HASH}%7C/",
        f"  <ed2k://|file|a.avi|12|{HASH}|/>, ",
        f"Link: ed2k://|file|a.avi|12|{HASH}",
    ],
)
def test_a_link_is_read_however_it_is_dressed(text: str) -> None:
    locator = read(text)
    assert locator.canonical == f"ed2k://|file|a.avi|12|{HASH}|/"
    assert (locator.kind, locator.host, locator.no_host) == (LocationKind.P2P, None, "p2p")


@pytest.mark.parametrize("kind", list(LocationKind))
def test_a_link_is_a_file_whatever_it_was_filed_as(kind: LocationKind) -> None:
    assert read(f"ed2k://|file|a b|12|{HASH}|/", kind).kind is LocationKind.P2P


@given(st.text(max_size=40).filter(lambda name: "|" not in name and "ed2k:" not in name))
def test_a_link_read_twice_is_the_same(name: str) -> None:
    try:
        first = read_ed2k(f"ed2k://|file|{name}|12|{HASH}|/")
    except BadInput:
        return
    assert read_ed2k(first.canonical) == first


@pytest.mark.parametrize(
    "text", ["ed2k://|server|192.0.2.1|4661|/", f"ed2k://|file|a|x|{HASH}|/", "ed2k://|file|a|1|ab|/", "ed2k://"]
)
def test_a_link_without_a_file_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.reason == "unreadable"


def test_words_after_a_link_are_refused() -> None:
    with pytest.raises(BadInput, match="more than one location"):
        read(f"ed2k://|file|a|12|{HASH}|/ and more")
