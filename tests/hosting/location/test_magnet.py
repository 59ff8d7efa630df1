"""One content is one case, however its magnet link is dressed."""

import pytest

from router.errors import BadInput
from router.hosting.location.magnet import read_magnet
from schemas.locator import LocationKind

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"


@pytest.mark.parametrize(
    "text",
    [
        f"magnet:?xt=urn:btih:{HASH}",
        f"magnet:?xt=urn:btih:{HASH.upper()}&dn=Some+name&tr=udp%3A%2F%2Ftracker.test%3A80",
        f"MAGNET:?tr=http://t.test/&xt.1=urn:btih:{HASH}",
        "magnet:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK",  # the same hash in base32
    ],
)
def test_links_to_the_same_content_are_one_case(text: str) -> None:
    locator = read_magnet(text)
    assert locator.canonical == f"magnet:?xt=urn:btih:{HASH}"
    assert (locator.kind, locator.host, locator.no_host) == (LocationKind.P2P, None, "magnet")


def test_other_content_is_another_case() -> None:
    other = "0" * 40
    assert read_magnet(f"magnet:?xt=urn:btih:{other}") != read_magnet(f"magnet:?xt=urn:btih:{HASH}")


def test_version_two_hashes_and_other_topics_are_kept() -> None:
    link = f"magnet:?xt=urn:btmh:1220{'AB' * 32}&xt=urn:tree:tiger:abc"
    assert read_magnet(link).canonical == f"magnet:?xt=urn:btmh:1220{'ab' * 32}&xt=urn:tree:tiger:abc"


@pytest.mark.parametrize("text", ["magnet:", "magnet:?dn=name", "magnet:?xt="])
def test_a_link_without_content_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="copy the whole link"):
        read_magnet(text)
