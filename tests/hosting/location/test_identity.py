"""Spellings of one page, or of one content, are one case; what is sent stays as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.hosting.location.identity import identity
from router.hosting.location.url import read
from schemas.locator import LocationKind

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
FILE = "0123456789abcdef0123456789abcdef"


def same(one: str, other: str, kind: LocationKind = LocationKind.URL) -> bool:
    return identity(read(one, kind)) == identity(read(other, kind))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.test/%61", "http://x.test/a"),
        ("http://x.test/%7Euser", "http://x.test/~user"),
        ("http://x.test/%c3%a9", "http://x.test/%C3%A9"),
        ("http://x.test/é", "http://x.test/%c3%a9"),
        ("http://x.test/a?b=%2f%41", "http://x.test/a?b=%2FA"),
        ("http://x.test/a#", "http://x.test/a"),
        ("http://x.test/a#%41", "http://x.test/a#A"),
        ("HTTP://X.test:80/a/../b", "http://x.test/b"),
        (f"magnet:?xt=urn:btih:{HASH}", f"MAGNET:?XT=URN:BTIH:{HASH.upper()}&dn=a"),
        (f"magnet:?xt=urn:btih:{HASH}&xt=urn:sha1:ABC", f"magnet:?xt=urn:btih:{HASH}"),
        (f"ed2k://|file|a.avi|12|{FILE}|/", f"ED2K://|FILE|B.avi|012|{FILE.upper()}|h=X|/"),
    ],
)
def test_two_spellings_are_one_location(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.test/%2F", "http://x.test//"),
        ("http://x.test/%3F", "http://x.test/?"),
        ("http://x.test/a#k1", "http://x.test/a#k2"),
        ("http://x.test/a#k", "http://x.test/a"),
        ("http://x.test/a##", "http://x.test/a#"),
        ("http://x.test/%2561", "http://x.test/a"),
        ("http://x.test/A", "http://x.test/a"),
        (f"magnet:?xt=urn:btih:{HASH}", f"magnet:?xt=urn:btih:{HASH[:-1]}b"),
        (f"ed2k://|file|a|12|{FILE}|/", f"ed2k://|file|a|13|{FILE}|/"),
    ],
)
def test_two_locations_stay_two(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_hash_alone_is_the_link_s_content() -> None:
    assert same(HASH.upper(), f"magnet:?xt=urn:btih:{HASH}", LocationKind.P2P)
    assert not same("Some Share", "some share", LocationKind.P2P)


def test_what_is_sent_stays_as_written() -> None:
    assert read("http://x.test/%61%c3%a9#").canonical == "http://x.test/%61%c3%a9#"


def test_a_name_with_a_percent_sign_is_no_url() -> None:
    assert not same("100%41", "100A", LocationKind.ACCOUNT)


@given(st.text("abz/%2561~.?#=&é", max_size=30))
def test_the_identity_is_that_of_its_own_normal_form(path: str) -> None:
    try:
        found = identity(read(f"http://x.test/{path}"))
    except BadInput:
        return
    assert identity(read(found.partition("\n")[2])) == found
