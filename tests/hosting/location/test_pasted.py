"""What people paste is read as they meant it, or refused by name; two locations in one field are never one."""

import time
from contextlib import suppress
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.hosting.location import pasted as module
from router.hosting.location.pasted import location, name
from router.hosting.location.scheme import is_a_scheme
from router.hosting.location.url import read
from schemas.locator import LocationKind
from tests.hosting.location.pasting import SEPARATORS, Pasted, hosts, locations, magnets, pasted, spelled_out

HASHES = ("c12fe1c06bba254a9dc9f519b335aa7c1367a88a", "0" * 40)


@given(pasted())
def test_what_is_pasted_is_read_as_it_was_meant(one: Pasted) -> None:
    locator = read(one.text)
    assert locator.host == one.host


@given(pasted())
def test_reading_it_again_changes_nothing(one: Pasted) -> None:
    first = read(one.text)
    assert read(first.canonical) == first


@given(hosts, st.sampled_from(["http", "https"]), st.sampled_from(["", "/a/b.html", "/a?b=1&c=2"]), st.data())
def test_a_host_that_html_spells_out_is_read_as_it_shows(
    host: str, scheme: str, path: str, data: st.DataObject
) -> None:
    spelled = data.draw(spelled_out(f"{scheme}://{host}"))
    rest = path.replace("&", "&amp;") if "&" in spelled else path
    assert read(spelled + rest) == read(f"{scheme}://{host}{path}")


@given(magnets())
def test_a_magnet_link_is_read_however_it_was_passed_on(one: Pasted) -> None:
    locator = read(one.text)
    assert (locator.no_host, locator.canonical.lower()) == ("magnet", one.host)
    assert read(locator.canonical) == locator


@given(hosts, st.sampled_from(["\\/", "\\\\/"]))
def test_slashes_that_json_escapes_are_slashes(host: str, slash: str) -> None:
    assert read(f"https://{host}/a/b".replace("/", slash)).canonical == f"https://{host}/a/b"


@given(hosts, st.sampled_from(["\U0001f517 ", "\U0001f449", "\u2192 ", "--", "\u2026", "\u00a7 ", "# "]))
def test_pictures_and_marks_before_a_location_are_no_part_of_it(host: str, mark: str) -> None:
    assert read(f"{mark}https://{host}/a").canonical == f"https://{host}/a"
    assert read(f"https://{host}/a \U0001f600").canonical == f"https://{host}/a"


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://x.test/a";"a page")',
        '=HYPERLINK("https://x.test/a", "https://x.test/a")',
        'HYPERLINK "https://x.test/a"',
        '=LIEN_HYPERTEXTE("https://x.test/a")',
        "\uff48\uff54\uff54\uff50\uff53\uff1a\uff0f\uff0f\uff58\uff0e\uff54\uff45\uff53\uff54\uff0f\uff41",
        "meows://x[.]test/a",
    ],
)
def test_a_link_of_an_office_program_or_a_tool_is_read(text: str) -> None:
    assert read(text).canonical == "https://x.test/a"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("2001[:]4860[:]4860[::]8888", "2001:4860:4860::8888"),
        ("hxxp://2001[:]4860[:]4860[:][:]8888/a", "2001:4860:4860::8888"),
        ("http://2001:4860:4860::8888/a", "2001:4860:4860::8888"),
    ],
)
def test_an_address_that_lost_its_brackets_is_one(text: str, host: str) -> None:
    assert read(text).host == host


@pytest.mark.parametrize("text", ["/pictures/a.html", "/var", "@somebody", "file:///a"])
def test_what_is_no_address_on_the_internet_names_no_host(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.reason == "not_a_location"


@pytest.mark.parametrize("text", ["a[@]x.test", "a(at)x[.]test", "mailto:a@x.test"])
def test_an_e_mail_address_is_one_however_it_is_defanged(text: str) -> None:
    assert (read(text).canonical, read(text).no_host) == ("mailto:a@x.test", "email")


@pytest.mark.parametrize(
    "text", ["hxxps://ev\u2022\u2022\u2022il[.]test/a", "https://ev***il.test/a", "https://evil.te\u2026"]
)
def test_an_address_of_which_a_part_is_left_out_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.reason in {"bad_host", "unreadable"}


@given(locations(), st.sampled_from(SEPARATORS), locations())
def test_two_locations_are_refused_by_name(one: Pasted, between: str, other: Pasted) -> None:
    first, second = f"http://{one.host}/1", f"hxxp://{other.host}/2"
    for text in (first + between + second, second + between + first, first + between + f"http://{other.host}"):
        with pytest.raises(BadInput) as refused:
            read(text)
        assert refused.value.reason == "several_locations"
        assert "more than one location" in refused.value.message


@given(locations(), st.sampled_from(["is bad", "(seen today)", "- look", "x", "\u3042", "1"]))
def test_words_beside_a_location_are_refused_by_name(one: Pasted, words: str) -> None:
    for text in (f"http://{one.host}/a {words}", f"http://{one.host}/a\n{words}"):
        with pytest.raises(BadInput) as refused:
            read(text)
        assert refused.value.reason == "several_locations"


@pytest.mark.parametrize("between", ["", " ", ", ", "\n", "|", " and "])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        tuple(f"magnet:?xt=urn:btih:{one}" for one in HASHES),
        tuple(f"ed2k://|file|a b|1|{one[:32]}|/" for one in HASHES),
        ("hxxp://a[.]test/1", "hxxps[:]//b[.]test/2"),
        ("http://a.test/1", "www.b.test/2"),
        ("http://a.test/1", f"magnet:?xt=urn:btih:{HASHES[0]}"),
    ],
)
def test_pairs_of_every_kind_are_refused(one: str, between: str, other: str) -> None:
    if between == "" and other.startswith("www"):
        return  # nothing tells a name from the end of a path
    for text in (one + between + other, other + between + one):
        with pytest.raises(BadInput) as refused:
            read(text)
        assert refused.value.reason == "several_locations"


@pytest.mark.parametrize("text", ["a.test b.test", "a.test, b.test", "a.test;b.test", "a dot test and b dot test"])
def test_two_names_without_a_scheme_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="more than one location"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://a.test/?u=http://b.test/",
        "http://a.test/http://b.test/",
        "http://a.test/?http://b.test/",
        "http://a.test/?list=http://b.test/,http://c.test/",
        "http://a.test/r?to=%2Fhttp://b.test/",
        "http://a.test/v3/__https://b.test/x__;!!abc$",
        "http://a.test/news//2020/wwwx",
    ],
)
def test_a_location_inside_another_is_part_of_it(text: str) -> None:
    assert read(text).canonical == text


@pytest.mark.parametrize(
    "text",
    [
        "[https://x.test/a](https://x.test/a)",
        "[a page](https://x.test/a)",
        "[hxxps://x[.]test/a](https://x.test/a)",
        '![picture](<https://x.test/a> "title")',
        "<https://x.test/a>",
        "<https://x.test/a|a page>",
        '<a class="b" href="https://x.test/a" rel=c>a page</a>',
        "[url]https://x.test/a[/url]",
        "[url=https://x.test/a]a page[/url]",
        "**https://x.test/a**",
        "&lt;https://x.test/a&gt;",
        "(https://x.test/a).",
        '"https://x.test/a".',
        "https%3A%2F%2Fx.test%2Fa",
        "https%253A%252F%252Fx.test%252Fa",
        "https:&#x2F;&#47;x.test/a",
        "view-source:https://x.test/a",
        "x.test<https://x.test/a>",
        "here<https://x.test/a>",
        "https://x.test/a<https://x.test/a>",
        "https://x.test/a (https://x.test/a)",
        "hxxps://x[.]test/a <https://x.test/a>",
        "Seite: https://x.test/a",
        "| https://x.test/a |",
    ],
)
def test_a_location_is_taken_out_of_what_programs_wrap_it_in(text: str) -> None:
    assert read(text).canonical == "https://x.test/a"


@pytest.mark.parametrize(
    "form", ["[{}]({})", "{}<{}>", "{} ({})", "<{1}|{0}>", '<a href="{1}">{0}</a>', "[url={1}]{0}[/url]"]
)
def test_a_link_that_shows_another_address_is_refused(form: str) -> None:
    with pytest.raises(BadInput, match="more than one location"):
        read(form.format("https://x.test/a", "https://y.test/a"))


@pytest.mark.parametrize(
    "text", ["https://x.test/wiki/A_(b)", "https://x.test/a.", "https://x.test/a!", "https://x.test/_"]
)
def test_what_may_be_part_of_the_page_stays(text: str) -> None:
    assert read(text).canonical == text


@pytest.mark.parametrize("kind", [LocationKind.ACCOUNT, LocationKind.CHANNEL_INVITE, LocationKind.APP_ROOM])
def test_a_name_may_have_blanks_but_no_location_beside_it(kind: LocationKind) -> None:
    assert read("\u201eRoom 42\u201c\u200b", kind).canonical == "Room 42"
    assert read("Invitation: https://t.me/+AbC,", kind).canonical == "https://t.me/+AbC"
    for text in ("https://t.me/+AbC https://t.me/+DeF", "john https://t.me/+AbC", "https://t.me/+AbC it is here"):
        with pytest.raises(BadInput, match="more than one location"):
            read(text, kind)


def test_every_format_sign_and_blank_of_unicode_is_taken_off_at_both_ends() -> None:
    ends = [chr(code) for code in range(0x110000) if category(chr(code)) in {"Cf", "Zs", "Zl", "Zp", "Pi", "Pf"}]
    assert len(ends) > 180
    for sign in ends:
        assert location(f"{sign}http://x.test/a{sign}") == "http://x.test/a", hex(ord(sign))


def test_a_name_keeps_what_makes_an_emoji() -> None:
    assert name("\u200b\u2764\ufe0f\u00a0") == "\u2764\ufe0f"


@given(st.text(max_size=80) | st.text("ht:/.[](){}<>|,; wx#&=-a\u200b\u201c\n", max_size=80))
def test_any_text_is_read_or_refused_and_no_host_is_a_scheme(text: str) -> None:
    with suppress(BadInput):
        locator = read(text)
        assert locator.host is None or not is_a_scheme(locator.host)
        assert read(locator.canonical, locator.kind).canonical == locator.canonical


SLOW = [
    "(",
    ")",
    "[",
    "](",
    "<",
    "&gt;",
    "URL: ",
    "- ",
    "http://",
    "h",
    "\u200b",
    " ",
    ",",
    "**",
    "\\.",
    "%25",
    "[url]",
    "http:",
    "&#46;",
    "&amp;",
    "\\/",
    "[:]",
    "magnet:",
]


@pytest.mark.parametrize("made", SLOW)
@pytest.mark.parametrize("start", ["", "[", "http", "a."])
def test_a_text_made_to_be_slow_is_not(start: str, made: str, slowness: float) -> None:
    text = (start + made * 65_536)[:65_535]
    begun = time.process_time()
    for end in ("!", ")", "http://x.test"):
        with suppress(BadInput):
            module.location(text + end)
    assert time.process_time() - begun < slowness
