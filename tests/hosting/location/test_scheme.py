"""Damaged schemes, mended where one reading exists; and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.hosting.location.scheme import KNOWN, is_a_scheme, split
from router.hosting.location.url import read
from tests.hosting.location.pasting import hosts, schemes


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("http//x", "http://"),
        ("https//x", "https://"),
        ("http.//x", "http://"),
        ("http:/x", "http://"),
        ("http: //x", "http://"),
        ("http;//x", "http://"),
        ("http:\\\\x", "http://"),
        ("http//:x", "http://"),
        ("ttp://x", "http://"),
        ("htps://x", "https://"),
        ("hhttp://x", "http://"),
        ("htttps://x", "https://"),
        ("hptt://x", "http://"),
        ("h##p://x", "http://"),
        ("h**ps://x", "https://"),
        ("h@@p://x", "http://"),
        ("http[s]://x", "https://"),
        ("http(s)://x", "https://"),
        ("[http]://x", "http://"),
        ("hxxp[:]//x", "http://"),
        ("hxxp[:][/][/]x", "http://"),
        ("fxp://x", "ftp://"),
        ("http://http://x", "http://"),
        ("http://https//x", "https://"),
        ("HTTP//x", "http://"),
        ("\uff48\uff54\uff54\uff50\uff1a\uff0f\uff0fx", "http://"),
        ("h\u200bttp://x", "http://"),
        ("sftp[:]//x", "sftp://"),
        ("IRC://x", "IRC://"),
    ],
)
def test_a_scheme_is_read_as_it_was_meant(text: str, scheme: str) -> None:
    assert split(text) == (scheme, "x")


@pytest.mark.parametrize(
    "text",
    ["x.test/a", "httpx.org/a", "http.cat/404", "https.example.org//x", "http:x.test", "magnet:?xt=a", "a b://x"],
)
def test_what_is_no_scheme_with_its_end_is_left(text: str) -> None:
    assert split(text) == ("", text)


def test_a_scheme_before_a_name_with_a_dot_leaves_one_reading() -> None:
    assert split("http/x.test/a") == ("http://", "x.test/a")
    assert split("http/x") == ("", "http/x")


@pytest.mark.parametrize(
    "text",
    [
        "http",
        "https://",
        "http://http",
        "http://https/",
        "hxxp",
        "ttp",
        "http:80",
        "http://ttp/",
        "ftp",
        "http://http:80/x",
        "http///",
    ],
)
def test_a_scheme_alone_is_refused_and_never_a_host(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


@pytest.mark.parametrize("name", [*sorted(KNOWN), "hxxp", "hxxps", "ttp", "htp", "httpss", "h**p"])
def test_names_of_schemes_are_known_however_they_are_written(name: str) -> None:
    assert is_a_scheme(name)


@pytest.mark.parametrize("name", ["foo", "intranet", "localhost", "hop", "http.example", "nas"])
def test_other_names_of_one_label_are_none(name: str) -> None:
    assert not is_a_scheme(name)


@given(schemes(), hosts)
def test_any_damage_of_one_kind_is_mended(scheme: str, host: str) -> None:
    assert read(f"{scheme}{host}/a").host == host


@given(st.text("htps:/;x*[] ", max_size=12), hosts)
def test_more_damage_is_mended_to_the_same_host_or_refused(scheme: str, host: str) -> None:
    try:
        found = read(f"{scheme}//{host}/a")
    except BadInput:
        return
    assert found.host is None or found.host.endswith(host) or found.no_host == "not_a_name"
