from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from router.errors import EgressRefused
from router.guard.target import Purpose, _of_partner, here, loopback, read, unrename


def test_a_name_is_called_by_its_own_name() -> None:
    found = read("https://hotline.test/v1/inbox?x=1", Purpose.PARTNER)
    assert (str(found.url), found.host_header, found.tls_name) == ("https://hotline.test/v1/inbox?x=1", None, None)


@pytest.mark.parametrize(
    ("url", "header", "name"),
    [
        ("https://3.120.0.1/a", "3.120.0.1:443", "3.120.0.1"),
        ("https://3.120.0.1:8443/a", "3.120.0.1:8443", "3.120.0.1"),
        ("https://[2a00:1450::1]/a", "[2a00:1450::1]:443", "2a00:1450::1"),
    ],
)
def test_an_address_travels_under_a_name_that_the_resolver_is_asked_about(url: str, header: str, name: str) -> None:
    target = read(url, Purpose.PARTNER)
    assert target.url.raw_host is not None
    assert unrename(target.url.raw_host) == ip_address(name)
    assert (target.host_header, target.tls_name) == (header, name)
    assert target.url.path == "/a"


@pytest.mark.parametrize("purpose", [Purpose.RDAP, Purpose.PROBE])
def test_only_registries_and_reported_pages_may_be_asked_in_the_clear(purpose: Purpose) -> None:
    assert read("http://registry.test/ip/1", purpose).url.scheme == "http"


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.RDAP, Purpose.PROBE}))
def test_everything_else_is_encrypted(purpose: Purpose) -> None:
    with pytest.raises(EgressRefused) as refused:
        read("http://hotline.test/", purpose)
    assert refused.value.reason == "scheme"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://hotline.test/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("hotline.test", "scheme"),
        ("", "scheme"),
        ("https://[::1", "scheme"),
        ("https://hotline.test:99999/", "scheme"),
        ("https://user@hotline.test/", "authority"),
        ("https://user:word@hotline.test/", "authority"),
        ("https:///path", "authority"),
        ("https://hotline.test:0/", "authority"),
        ("https://0x7f.1/", "odd_literal"),
        ("https://2130706433/", "odd_literal"),
    ],
)
def test_what_cannot_be_read_one_way_is_refused_without_repeating_it(url: str, reason: str) -> None:
    with pytest.raises(EgressRefused) as refused:
        read(url, Purpose.PARTNER)
    assert refused.value.reason == reason
    assert not url or url not in str(refused.value)


#: A path and a query as somebody wrote them: escapes of every octet in both cases, delimiters, and no escapes at all.
PIECES = st.from_regex(r"%[0-9a-fA-F]{2}", fullmatch=True) | st.sampled_from(sorted("abZ09-._~!$&'()*+,;=:@/[]|%"))
WRITTEN = st.lists(PIECES, max_size=12).map("".join)
HOSTS = st.sampled_from(["hotline.test", "3.120.0.1", "[2a00:1450::1]", "hotline.test:8443", "HOTLINE.test"])


@given(host=HOSTS, path=WRITTEN, query=st.none() | WRITTEN.filter(bool))
def test_path_and_query_go_out_as_they_are_written(host: str, path: str, query: str | None) -> None:
    asked = f"/{path}" + ("" if query is None else f"?{query}")
    target = read(f"https://{host}{asked}", Purpose.PARTNER)
    assert target.url.raw_path_qs == asked
    assert target.url.scheme == "https"


@given(st.text() | st.text().map("https://hotline.test/".__add__) | st.text().map("https://".__add__))
def test_any_text_is_a_target_with_a_plain_request_line_or_refused(url: str) -> None:
    try:
        target = read(url, Purpose.PARTNER)
    except EgressRefused:
        return
    assert target.url.raw_path_qs.isascii()
    assert target.url.raw_path_qs.isprintable()
    assert " " not in target.url.raw_path_qs


@pytest.mark.parametrize("host", ["hotline.test", "zz.literal.invalid", "7f.literal.invalid", ".literal.invalid"])
def test_a_name_that_was_not_made_here_is_not_an_address(host: str) -> None:
    assert unrename(host) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:9093/api", "https://[::1]:8443/", "http://127.8.9.1:80/"])
def test_an_alarm_may_go_to_this_machine_in_the_clear(url: str) -> None:
    target = read(url, Purpose.ALARM)
    assert here(target.url.raw_host or "") == loopback(URL(url).raw_host or "")
    for other in set(Purpose) - {Purpose.ALARM}:
        with suppress(EgressRefused):
            assert here(read(url, other).url.raw_host or "") is None


@pytest.mark.parametrize(
    "url", ["http://hotline.test/", "http://localhost:9093/", "http://10.0.0.1/", "http://7f000001.here.invalid/"]
)
def test_an_alarm_goes_nowhere_else_in_the_clear(url: str) -> None:
    with pytest.raises(EgressRefused):
        read(url, Purpose.ALARM)


@pytest.mark.parametrize("purpose", Purpose)
def test_no_written_url_has_the_name_of_this_machine(purpose: Purpose) -> None:
    with pytest.raises(EgressRefused):
        read("https://7f000001.here.invalid/", purpose)


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.PARTNER}))
def test_only_partners_addresses_are_remembered(purpose: Purpose) -> None:
    before = _of_partner.cache_info().currsize
    read(f"https://reported-{purpose}.test/page", purpose)
    assert _of_partner.cache_info().currsize == before
