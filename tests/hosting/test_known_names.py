"""Names that are told apart by their suffix, and the ones that only look alike."""

import pytest

from router.hosting.known_names import KnownHosts


@pytest.mark.parametrize(
    ("host", "platform", "seat"),
    [
        ("instagram.com", "Instagram", "US"),
        ("m.facebook.com", "Facebook", "US"),
        ("t.me", "Telegram", "AE"),
        ("mega.nz", "MEGA", "NZ"),
        ("vk.com", "VK", "RU"),
        ("scontent.fbru5-1.fna.fbcdn.net", "Facebook", "US"),  # in an access provider's network
        ("scontent-fra5-1.cdninstagram.com", "Instagram", "US"),
        ("rr4---sn-uxaxpu5ap5-cg0e.googlevideo.com", "YouTube", "US"),
        ("v16-webapp.tiktokcdn.com", "TikTok", "SG"),
        ("cdn4.cdn-telegram.org", "Telegram", "AE"),
        ("cf-st.sc-cdn.net", "Snapchat", "US"),
        ("media.licdn.com", "LinkedIn", "US"),
        ("vd123.mycdn.me", "Odnoklassniki", "RU"),
        ("tr.rbxcdn.com", "Roblox", "US"),
        ("lh3.googleusercontent.com", "Google", "US"),
        ("blog.wordpress.com", "WordPress.com", "US"),
        ("blog.files.wordpress.com", "WordPress.com", "US"),
        ("i0.wp.com", "WordPress.com", "US"),
    ],
)
def test_a_platform_is_known_by_its_domains(known: KnownHosts, host: str, platform: str, seat: str) -> None:
    found = known.platform(host)
    assert found is not None
    assert (found.name, found.seat) == (platform, seat)


def test_a_customer_s_machine_under_a_platform_s_name_is_a_host(known: KnownHosts) -> None:
    # A virtual machine of Google Cloud stands where its address says; Google's photos do not.
    assert known.platform("5.1.251.35.bc.googleusercontent.com") is None


@pytest.mark.parametrize("host", ["notinstagram.com", "instagram.com.evil.test", "notfbcdn.net", "com", "example.org"])
def test_look_alikes_are_no_platforms(known: KnownHosts, host: str) -> None:
    assert known.platform(host) is None


def test_shorteners_are_the_domain_itself(known: KnownHosts) -> None:
    assert known.is_shortener("bit.ly")
    assert known.is_shortener("www.bit.ly")
    assert not known.is_shortener("customer.bit.ly")
    assert not known.is_shortener("abit.ly")


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("d111111abcdef8.cloudfront.net", "Amazon CloudFront"),
        ("e1234.a.akamaiedge.net", "Akamai"),
        ("fastly.net", "Fastly"),
        ("notfastly.net", None),
        ("cloudfront.net.evil.test", None),
        ("x.akadns.net", None),  # these two only balance load, and lead to real hosts
        ("x.trafficmanager.net", None),
        ("", None),
    ],
)
def test_a_name_of_the_chain_betrays_its_cdn(known: KnownHosts, name: str, operator: str | None) -> None:
    assert known.edge([name]) == operator


def test_the_first_cdn_of_a_chain_is_named(known: KnownHosts) -> None:
    assert known.edge(["shop.test", "d1.cloudfront.net", "x.akamaiedge.net"]) == known.edge(["d1.cloudfront.net"])
    assert known.edge(["shop.test", "web.shop.test"]) is None


def test_parking_is_seen_in_the_chain(known: KnownHosts) -> None:
    assert known.is_parked(["old.test", "x.sedoparking.com"])
    assert not known.is_parked(["old.test", "parking.old.test"])
