"""The short way says what the reader says, or leaves the line to it."""

from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.guard.addresses import is_public
from router.hosting.location.link_wrapper import wrapped
from router.hosting.location.url import literal_of, read
from router.hosting.location.web_address import web_address

OCTET = st.integers(0, 300).map(str) | st.sampled_from(["01", "010", "0x7f", "", "255", "0"])
WORDS = (
    "/ . .. // ? = & # %2e %2F http https://a.test HTTP: ahr0c aHR0cHM6Ly9hLmI 68747470 ipfs ipns api v0 64 ;base64, "
    "magnet: /CL0/ /ls/click upn=u001 .onion ahr0 h0dh odhrw ps// ,www. x index.html ~ + - _ @ :80 \u00e9 \\ "
    "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG"
)
PIECES = st.sampled_from([*WORDS.split(), " ", "\t", "\n"])
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "http://", "https://", "HTTP://", "hxxp://", "//", ""]),
    st.lists(OCTET, min_size=3, max_size=5).map(".".join),
    st.lists(PIECES, max_size=8).map("".join),
)


@given(LINES)
@example("http://3.120.0.1/api/./v0/add")
@example("http://3.120.0.1/x/../ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG")
@example("http://3.120.0.1?u=68747470733a2f2f612e62")
@example("http://10.0.0.1/a")
def test_what_it_knows_is_what_the_reader_reads(text: str) -> None:
    found = web_address(text)
    if found is None:
        return
    host, octets = found
    locator = read(text)
    assert (locator.host, ip_address(octets)) == (host, literal_of(locator))
    assert locator.no_host == (None if is_public(ip_address(octets)) else "private_address")
    assert wrapped(locator) is None


@pytest.mark.parametrize("text", ["http://3.120.0.1", "https://3.120.0.1/", "http://3.120.0.1/path/7?x=7&y=a-b_c~d"])
def test_the_lines_of_a_bulk_file_are_known(text: str) -> None:
    assert web_address(text) == ("3.120.0.1", b"\x03\x78\x00\x01")


@pytest.mark.parametrize(
    "text",
    [
        "http://3.120.0.256/",
        "http://3.120.0.01/",
        "http://3.120.1/",
        "3.120.0.1",
        "http://3.120.0.1:8080/",
        "http://3.120.0.1/?u=https://evil.test/",
        "http://3.120.0.1/" + "x" * 9000,
        "http://name.test/",
    ],
)
def test_any_other_line_is_left_to_the_reader(text: str) -> None:
    assert web_address(text) is None
