"""Wrappers are known by structure on any host, and by the list where no structure shows; ordinary pages stay pages."""

import tomllib
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wrapper_holds import TARGET, measure, share
from router.data import tables
from router.data.tables import load_wrappers
from router.hosting.location.link_wrapper import Wrapped, wrapped
from router.hosting.location.registrable import registrable_domain
from router.hosting.location.url import read
from router.hosting.location.wrapper_forms import FORMS
from tests.hosting.location.pasting import hosts

INNER = "https://evil.test/x?y=1"
Q = quote(INNER, safe="")
J = urlsafe_b64encode(b'{"id":"7","href":"https://evil.test/x?y=1"}').decode().rstrip("=")
JJ = urlsafe_b64encode(orjson.dumps({"s": "a", "p": orjson.dumps({"u": 1, "url": INNER}).decode()})).decode()
B = urlsafe_b64encode(INNER.encode()).decode().rstrip("=")

LISTED = [
    f"https://eur02.safelinks.protection.outlook.com/?url={Q}&data=05%7C01&sdata=a&reserved=0",
    f"https://gcc02.safelinks.protection.outlook.com/ap/w-59584e83/?url={Q}",
    f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={Q}&locale=en",
    f"https://urldefense.proofpoint.com/v1/url?u={Q}&k=a",
    "https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.test_x-3Fy-3D1&d=a",
    f"https://urldefense.com/v3/__{INNER}__;!!abc$",
    f"https://linkprotect.cudasvc.com/url?a={Q}&c=E,1,x",
    f"https://secure-web.cisco.com/1abc-def_x/{Q}",
    f"https://www.google.com/url?sa=t&url={Q}&usg=a",
    f"https://www.google.co.uk/url?q={Q}",
    f"https://duckduckgo.com/l/?uddg={Q}&rut=a",
    f"https://steamcommunity.com/linkfilter/?u={Q}",
    f"https://steamcommunity.com/linkfilter/{INNER}",
    f"https://l.facebook.com/l.php?u={Q}&h=a",
    f"https://www.youtube.com/redirect?event=a&q={Q}",
    f"https://href.li/?{INNER}",
    f"https://www.bing.com/ck/a?!&&p=1&u=a1{B}&ntb=1",
    f"https://vk.com/away.php?to={Q}",
    f"https://slack-redir.net/link?url={Q}",
    f"https://r.search.yahoo.com/_ylt=a/RU={Q}/RK=2",
    "https://abc.r.eu-west-1.awstrack.me/L0/https:%2F%2Fevil.test%2Fx%3Fy=1/1/0102/abc=390",
    f"https://mandrillapp.com/track/click/30/evil.test?p={JJ}",
    f"https://customeriomail.com/e/c/{J}/abc",
    "https://click.pstmrk.it/3s/evil.test%2Fx%3Fy=1/abc/def/ghi",
    f"https://protect.checkpoint.com/v2/___{INNER}___.abc",
]
COPIES = [
    "https://evil-test.translate.goog/x?y=1&_x_tr_sl=nl&_x_tr_tl=en",
    "https://evil-test.cdn.ampproject.org/c/s/evil.test/x?y=1",
    f"https://translate.google.com/translate?u={Q}",
    f"https://images.weserv.nl/?url={Q}",
    f"https://web.archive.org/web/2020/{INNER}",
    f"https://camo.githubusercontent.com/abc/{INNER.encode().hex()}",
    f"https://12ft.io/{INNER}",
    f"https://proxy.duckduckgo.com/iu/?u={Q}",
]


@pytest.mark.parametrize("url", LISTED)
def test_a_known_wrapper_names_what_it_carries(url: str) -> None:
    assert wrapped(read(url)) == Wrapped(INNER, copy=False)


@pytest.mark.parametrize("url", COPIES)
def test_a_service_that_shows_a_copy_says_so(url: str) -> None:
    assert wrapped(read(url)) == Wrapped(INNER, copy=True)


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("https://images.weserv.nl/?url=evil.test/x.jpg&w=9", "http"),
        ("https://images.weserv.nl/?url=//evil.test/x.jpg", "http"),
        ("https://images.weserv.nl/?url=ssl:evil.test/x.jpg", "https"),
        ("https://wsrv.nl/?w=9&url=ssl%3Aevil.test%2Fx.jpg", "https"),
        ("https://i0.wp.com/evil.test/x.jpg", "http"),
    ],
)
def test_a_copy_s_address_may_lack_its_scheme(url: str, scheme: str) -> None:
    assert wrapped(read(url)) == Wrapped(f"{scheme}://evil.test/x.jpg", copy=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://protect-eu.mimecast.com/s/abcDEF?domain=evil.test",
        "https://dsc.gg/abc",
        "https://www.baidu.com/link?url=abc",
        "https://urldefense.com/v3/abc",
        "https://u123.ct.sendgrid.net/ls/click?upn=u001.abc-2Bdef",
        "https://email.brand.test/ls/click?upn=u001.abc-2Bdef",
        "https://click.brand.test/uni/ls/click?a=b&upn=abc",
        "https://brand.us1.list-manage.com/track/click?u=abc&id=def&e=ghi",
        "https://mandrillapp.com/track/click/30/evil.test?p=abc",
        "https://mail.brand.test/track/click/30/evil.test?p=abc",
        "https://d2v8.na1.hubspotlinks.com/Ctc/abc+113/d2v8/Vabc",
        "https://brand.test/e3t/Ctc/DM+113/cyGNp04/VWabc",
        "https://email.mg.brand.test/c/eJwVyTsOwyAMANDThC0VYIfPAEMu0gM4BowUEgRpb98of3p6LHgP",
        "https://r.mail.brand.test/tr/cl/abcdefghijklmnopqrstuvwxyz0123456789",
        "https://links.brand.test/u/click?_t=abc&_m=def",
        "https://click.e.brand.test/?qs=abcdef0123456789abcdef0123456789",
    ],
)
def test_a_known_wrapper_that_does_not_say_is_one_all_the_same(url: str) -> None:
    assert wrapped(read(url)) == Wrapped(None, copy=False)


#: Ways of carrying: {u} the URL itself, {q} and {qq} encoded once and twice, {b} in base64, {h} in hexadecimal, {r}
#: without its scheme.
SHAPES = [
    "/?x={q}", "/go?url={q}", "/a/b/out?id=1&dest={q}&c=2", "/redirect?next={q}", "/?to={u}", "/?u={qq}", "/c?p={b}",
    "/?{u}", "/{u}", "/#{u}", "/t?p={j}", "/t?p={jj}", "/t/{j}", "/e/c/{j}/abc", "/t?d={jq}", "/t?x={l}",
    "/L0/{s}/1/0102", "/L0/{ss}/1", "/click#u={q}", "/r/{q}", "/l/{b}", "/t/{h}", "/out/https:/{r}", "/a_b/__{u}__/c",
]  # fmt: skip


def in_base64(value: object) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@given(hosts, hosts, st.sampled_from(["http", "https"]), st.sampled_from(SHAPES), st.integers(0, 9))
def test_on_any_host_the_structure_is_enough(host: str, inner: str, scheme: str, shape: str, gap: int) -> None:
    meant = f"{scheme}://{inner}/page"
    quoted = quote(meant, safe="")
    encoded = {
        "u": meant,
        "q": quoted,
        "qq": quote(quoted, safe=""),
        "b": urlsafe_b64encode(meant.encode()).decode().rstrip("="),
        "h": meant.encode().hex(),
        "r": f"{inner}/page",
        "j": in_base64({"id": "0123456789"[:gap], "href": meant}),
        "jj": quote(b64encode(orjson.dumps({"a": orjson.dumps([{"b": meant}]).decode()})).decode(), safe=""),
        "jq": quote(orjson.dumps({"to": meant}).decode(), safe=""),
        "l": urlsafe_b64encode(f"{'x' * gap}|{meant}|y".encode()).decode().rstrip("="),
        "s": quote(meant, safe=":"),
        "ss": quote(quote(meant, safe=":"), safe=":"),
    }
    found = wrapped(read(f"https://{host}" + shape.format(**encoded)))
    if registrable_domain(host) == registrable_domain(inner):
        assert found is None
    else:
        assert found is not None
        assert (found.leads_to or "").endswith(f"://{inner}/page")


@pytest.mark.parametrize(
    "url",
    [
        f"https://login.page.test/?next={Q}",
        f"https://page.test/login?next={Q}",
        f"https://page.test/login?url={Q}",
        f"https://page.test/oauth/authorize?client_id=1&redirect_uri={Q}",
        f"https://page.test/sso?SAMLRequest=a&RelayState={Q}",
        f"https://page.test/a?returnUrl={Q}",
        f"https://page.test/a?ref={Q}",
        f"https://page.test/a?token={in_base64({'alg': 'none'})}.{in_base64({'iss': INNER, 'aud': INNER})}.x",
        f"https://page.test/a?state={in_base64({'to': INNER})}",
        f"https://page.test/login?s={in_base64({'to': INNER})}",
        f"https://page.test/v/{in_base64({'id': 12345678901234567890 % 2**63})}",
        f"https://page.test/a?utm_source={Q}",
        f"https://page.test/out?referrer={Q}",
        f"https://page.test/a?canonical={Q}",
        "https://www.page.test/redirect?url=https%3A%2F%2Fother.page.test%2Fb",
        "https://page.test/a?u=http%3A%2F%2Flocalhost%2F",
        "https://page.test/a?u=https%3A%2F%2Fintranet%2F",
        "https://www.facebook.com/some.page",
        "https://www.google.com/search?q=a",
        "https://archive.ph/AbC12",
        "https://translate.google.com/?sl=nl",
        "https://page.test/https-explained",
    ],
)
def test_a_page_that_names_another_place_is_a_page(url: str) -> None:
    assert wrapped(read(url)) is None


def test_two_customers_of_one_company_are_two_sites() -> None:
    assert wrapped(read("https://proxy.workers.dev/?url=https://evil.pages.dev/")) is not None
    assert wrapped(read("https://a.github.io/?url=https://b.github.io/x")) is not None


def test_the_innermost_of_wrappers_that_only_send_on_is_what_was_meant() -> None:
    google = f"https://www.google.com/url?q={Q}"
    scanned = f"https://eur02.safelinks.protection.outlook.com/?url={quote(google, safe='')}"
    assert wrapped(read(scanned)) == Wrapped(INNER, copy=False)


def test_a_copy_on_the_way_is_a_location_of_its_own() -> None:
    copy = f"https://images.weserv.nl/?url={Q}"
    assert wrapped(read(f"https://href.li/?{copy}")) == Wrapped(copy, copy=False)


def test_what_leads_to_a_hidden_service_names_it() -> None:
    onion = "http://expyuzz4wqqyqhjn.onion/a"
    for inner in (onion, "https://expyuzz4wqqyqhjn.onion.ws/a", onion.removeprefix("http://")):
        assert wrapped(read(f"https://page.test/r?u={quote(inner, safe='')}")) == Wrapped(onion, copy=False)


@pytest.mark.parametrize(
    "url", ["https://p.test/embed?file=https://c.evil.test/v.mp4", "https://p.test/_next/image?url=https://evil.test/x"]
)
def test_a_player_or_proxy_that_nobody_listed_shows_a_copy(url: str) -> None:
    found = wrapped(read(url))
    assert found is not None
    assert found.copy


def test_few_ordinary_pages_are_held_and_what_carries_another_is() -> None:
    found = measure(10_000)
    assert share(found, carries=False) <= TARGET
    assert share(found, carries=True) >= 0.99


def test_a_row_of_a_counter_s_path_names_its_source_and_meets_no_front_page() -> None:
    assert load_wrappers().counters.match("/") is None
    rows = tomllib.loads((Path(tables.__file__).parent / "wrappers.toml").read_text())["counter"]
    assert len(rows) > 5
    assert all(row["source"].startswith("https://") and row["path"].startswith("/") for row in rows)


def test_each_row_of_the_list_can_be_met_and_names_its_source() -> None:
    rows = {row for some in load_wrappers().by_domain.values() for row in some}
    assert len(rows) > 50
    for row in rows:
        assert row.source.startswith("https://")
        assert not row.form or row.form in FORMS
        assert row.copy or not row.bare
        for host in row.hosts:
            plain = host.replace(".*", ".com")
            assert registrable_domain(plain) == ".".join(plain.split(".")[-2:])
