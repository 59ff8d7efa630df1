"""Which URLs are flagged before they go to a partner."""

import time

import pytest

from router.hosting.location.url_flags import flags, names_somebody


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("http://a.test/plain/path?page=2", ()),
        ("http://a.test/?mail=jane@example.org", ("carries_email",)),
        ("http://a.test/jane%40example.org", ("carries_email",)),
        ("http://a.test/@jane", ()),
        ("http://a.test/?PHPSESSID=1", ("carries_session",)),
        ("http://a.test/x;jsessionid=1", ("carries_session",)),
        ("http://a.test/?a=1&access_token=x", ("carries_session",)),
        ("http://a.test/#sid=1", ("carries_session",)),
        ("http://a.test/?side=1", ()),
        ("http://a.test/?ref=jane", ("carries_invite",)),
        ("http://a.test/?preference=1", ()),
        ("https://t.me/+AbC", ("carries_invite",)),
        ("https://t.me/joinchat/AbC", ("carries_invite",)),
        ("https://discord.gg/abc", ("carries_invite",)),
        ("http://notdiscord.gg/abc", ()),
        ("https://chat.whatsapp.com/abc", ("carries_invite",)),
    ],
)
def test_flags_of_a_url(canonical: str, expected: tuple[str, ...]) -> None:
    assert flags(canonical) == expected


def test_a_name_before_the_host_is_userinfo_and_no_email() -> None:
    assert flags("http://jane:secret@a.test/", "jane:secret") == ("carries_userinfo",)


def test_an_email_as_userinfo_is_both() -> None:
    assert flags("http://jane%40example.org@a.test/", "jane%40example.org") == ("carries_userinfo", "carries_email")


def test_all_four_come_in_a_fixed_order() -> None:
    url = "http://u@a.test/?ref=1&sid=2&m=x@example.org"
    assert flags(url, "u") == ("carries_userinfo", "carries_email", "carries_session", "carries_invite")


@pytest.mark.parametrize("made", ["a", "%40", "%20", "a.", "a%40b.", "?ref", "&s_id", "=a"])
def test_a_url_made_to_be_slow_is_not(made: str, slowness: float) -> None:
    begun = time.process_time()
    flags(("http://a.test/?=" + made * 65_536)[:65_534] + "@1")
    assert time.process_time() - begun < slowness


@pytest.mark.parametrize(
    ("url", "is_email"),
    [("http://a.test/j%40x.test", True), ("http://a.test/(%40x.test", False), ("http://a.test/?m=j@x", False)],
)
def test_something_stands_before_the_at_and_a_domain_behind_it(url: str, is_email: bool) -> None:
    assert ("carries_email" in flags(url)) is is_email


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("http://a.test/plain/path?page=2&size=3", False),
        ("http://a.test/token/of/love", False),
        ("http://a.test/?sid=1", True),
        ("http://a.test/?token=1", True),
        ("http://a.test/?a=1&dl_%74oken=1", True),
        ("http://a.test/?X-Amz-Signature=1", True),
        ("http://a.test/f;key=1", True),
        ("http://a.test/?monkey=1", False),
        ("http://a.test/?code=1#x", True),
        ("http://a.test/d/eyJhbGciOiJI.eyJzdWIi.c2ln", True),
        ("http://a.test/?u=7", True),
    ],
)
def test_what_may_have_been_made_for_one_visitor(canonical: str, expected: bool) -> None:
    assert names_somebody(canonical) is expected


@pytest.mark.parametrize("text", ["token", "&token", "eyJ", ".eyJa", "=", "%74oken"])
def test_that_costs_no_more_than_it_is_long(text: str) -> None:
    began = time.process_time()
    names_somebody("http://a.test/?" + text * (8192 // len(text)))
    assert time.process_time() - began < 0.1
