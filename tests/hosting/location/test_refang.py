"""What people do to URLs, and what is left alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.location.refang import refang


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hxxp://a.test/", "http://a.test/"),
        ("hXXps://a.test/", "https://a.test/"),
        ("h**p://a.test/", "http://a.test/"),
        ("h__ps://a.test/", "https://a.test/"),
        ("htxp://a.test/", "http://a.test/"),
        ("fxp://a.test/", "ftp://a.test/"),
        ("hxxp[:]//a.test/", "http://a.test/"),
        ("http[://]a.test/", "http://a.test/"),
        ("hxxps:[//]a.test/", "https://a.test/"),
        ("http://a[.]b[.]test/", "http://a.b.test/"),
        ("http://a(.)test/", "http://a.test/"),
        ("http://a{.}test/", "http://a.test/"),
        ("http://a[dot]test/", "http://a.test/"),
        ("http://a(DOT)test/", "http://a.test/"),
        ("http://a {dot} test/", "http://a.test/"),
        ("a dot test", "a.test"),
        ("http://a[.test/", "http://a.test/"),
        ("http://a.]test/", "http://a.test/"),
        ("1[.]2[.]3[.]4", "1.2.3.4"),
        ("a[.]test[:]8080/x", "a.test:8080/x"),
        ("a[.]test[/]x[.]php", "a.test/x.php"),
        ("sftp[:]//a.test/", "sftp://a.test/"),
    ],
)
def test_marks_are_undone(text: str, expected: str) -> None:
    assert refang(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://a.test/b[.]c",  # the host is plain, so the path is meant as it is
        "http://a.test/?q=(dot)",
        "http://[2001:db8::1]/x",
        "http://[::ffff:1.2.3.4]/",
        "http://dot.test/dot",
        "magnet:?xt=urn:btih:abc",
        "http://a.test/#[.]",
    ],
)
def test_what_is_part_of_the_url_stays(text: str) -> None:
    assert refang(text) == text


@given(st.text(max_size=200))
def test_refanging_never_raises(text: str) -> None:
    assert isinstance(refang(text), str)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=2, max_size=4), st.sampled_from(["[", "(", "{"]))
def test_defanged_names_come_back(labels: list[str], bracket: str) -> None:
    close = {"[": "]", "(": ")", "{": "}"}[bracket]
    assert refang("hxxp://" + f"{bracket}.{close}".join(labels) + "/") == "http://" + ".".join(labels) + "/"


@pytest.mark.parametrize("made", [" ", " dot", "[", "[.]", "[:]", "a.", "a", "\t"])
@pytest.mark.parametrize("start", ["", "a", "hxxp://a"])
def test_a_line_made_to_be_slow_is_not(start: str, made: str, slowness: float) -> None:
    begun = time.process_time()
    refang((start + made * 65_536)[:65_535] + "!")
    assert time.process_time() - begun < slowness
