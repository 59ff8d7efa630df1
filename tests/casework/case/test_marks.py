from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.case.marks import account_text, marks_of, named, of_location
from router.casework.case.record import open_case
from router.errors import BadInput
from router.guard.seal import Keyring
from router.hosting.location.url import read
from schemas.embargo import EmbargoKind
from schemas.locator import LocationKind
from schemas.trace import NameRecord
from tests.casebook import Casebook, casebook

KEYRING = Keyring.open(bytes(range(32)))
#: What an embargo names, and a location that it holds.
HOLDS = [
    (EmbargoKind.URL, "https://example.com/a", "https://EXAMPLE.com:443/a"),
    (EmbargoKind.URL, "https://example.com/%7euser", "hxxps://example[.]com/~user"),
    (EmbargoKind.HOST, "example.com", "https://example.com/"),
    (EmbargoKind.HOST, "example.com", "https://a.b.example.com/x?y"),
    (EmbargoKind.HOST, "https://Example.COM/any/page", "http://example.com:8080/other"),
    (EmbargoKind.HOST, "example.com", "http://example.com./x"),
    (EmbargoKind.HOST, "xn--bcher-kva.example.com", "http://bücher.example.com/"),
    (EmbargoKind.HOST, "198.51.100.7", "http://198.51.100.7/x"),
    (EmbargoKind.HOST, "2606:4700::1111", "http://[2606:4700:0::1111]/x"),
    (EmbargoKind.HOST, "expyuzz4wqqyqhjn.onion", "http://sub.expyuzz4wqqyqhjn.onion/x"),
    (EmbargoKind.URL, "https://example.com/a", "https://redirector.net/?u=https%3A%2F%2Fexample.com%2Fa"),
    (EmbargoKind.HOST, "example.com", "https://web.archive.org/web/2020/http://www.example.com/"),
    (EmbargoKind.HOST, "example.com", "https://one.net/?u=https%3A%2F%2Ftwo.net%2F%3Fu%3Dhttps%253A%252F%252Fexample.com"),
]  # fmt: skip
FREE = [
    (EmbargoKind.URL, "https://example.com/a", "https://example.com/b"),
    (EmbargoKind.HOST, "example.com", "https://notexample.com/"),
    (EmbargoKind.HOST, "a.example.com", "https://example.com/"),
    (EmbargoKind.HOST, "198.51.100.7", "http://198.51.100.70/"),
]


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(("kind", "what", "location"), HOLDS)
def test_a_location_is_known_in_every_spelling_below_its_host_and_inside_a_link(
    kind: EmbargoKind, what: str, location: str
) -> None:
    _, marks = named(KEYRING, kind, what, None)
    assert set(marks) & of_location(KEYRING, read(location))


def alias(name: str, target: str) -> NameRecord:
    return NameRecord(name=name, type="CNAME", target=target, ttl=60)


@pytest.mark.parametrize("held", ["shop.hoster.net", "HOSTER.net", "edge.hoster.net", "middle.example.org"])
async def test_a_host_is_known_by_every_name_of_the_chain_that_leads_to_it(book: Casebook, held: str) -> None:
    links = (alias("www.example.com", "Middle.Example.org."), alias("middle.example.org", "shop.hoster.net."))
    other = NameRecord(name="elsewhere.net", type="A", target="203.0.113.7")
    book.world.known = {"names": (*links, alias("shop.hoster.net", "edge.hoster.net."), other)}
    case_id = await book.take("https://www.example.com/a")
    _, marks = named(book.ctx.keyring, EmbargoKind.HOST, held, None)
    _, free = named(book.ctx.keyring, EmbargoKind.HOST, "elsewhere.net", None)
    opened = await open_case(book.ctx, await book.case(case_id))
    assert not set(marks) & (await marks_of(book.ctx, [opened]))[0], "nobody was asked yet"
    await book.step(case_id)
    (found,) = await marks_of(book.ctx, [opened])  # what a turn began with does not count
    assert set(marks) & found
    assert not set(free) & found


@pytest.mark.parametrize(("kind", "what", "location"), FREE)
def test_no_other_location_is_held(kind: EmbargoKind, what: str, location: str) -> None:
    _, marks = named(KEYRING, kind, what, None)
    assert not set(marks) & of_location(KEYRING, read(location))


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), min_size=1, max_size=6), st.integers(0, 5))
def test_whatever_stands_below_a_host_is_held_and_nothing_beside_it(labels: list[str], cut: int) -> None:
    host = ".".join([*labels, "example.com"])
    above = ".".join([*labels[min(cut, len(labels)) :], "example.com"])
    _, marks = named(KEYRING, EmbargoKind.HOST, above, None)
    assert set(marks) & of_location(KEYRING, read(f"https://{host}/"))
    assert not set(marks) & of_location(KEYRING, read(f"https://x{above}/"))


@pytest.mark.parametrize("what", ["com", "co.uk", "https://be/", "magnet:?xt=urn:btih:" + "a" * 40, "", "???"])
def test_nobody_sets_one_on_what_is_no_hosts_own(what: str) -> None:
    with pytest.raises(BadInput):
        named(KEYRING, EmbargoKind.HOST, what, None)


@pytest.mark.parametrize(
    ("one", "other"), [(("Insta", "@Someone"), ("insta ", "someone")), (("a b", "X"), ("A  B", "x"))]
)
def test_an_account_is_one_however_it_is_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert account_text(*one) == account_text(*other)
    assert account_text("insta", "x") != account_text("tele", "x")


def test_an_account_that_is_a_location_itself_is_known_too() -> None:
    _, marks = named(KEYRING, EmbargoKind.ACCOUNT, "Someone", "insta")
    assert set(marks) & of_location(KEYRING, read("Someone", LocationKind.ACCOUNT))


def test_marks_of_a_key_that_was_replaced_count_as_long_as_it_is_held() -> None:
    _, marks = named(KEYRING, EmbargoKind.HOST, "example.com", None)
    rotated = Keyring.open(bytes(32), bytes(range(32)))
    assert set(marks) & of_location(rotated, read("https://example.com/"))


ITEMS: list[tuple[str, EmbargoKind, str, str | None, dict[str, Any]]] = [
    ("an account", EmbargoKind.ACCOUNT, "someone", "insta", {"account": {"platform": "Insta", "handle": "@Someone"}}),
    ("where it was seen from", EmbargoKind.HOST, "forum.test", None, {"ways_in": {"referrer": "https://a.forum.test/t"}}),
]  # fmt: skip


@pytest.mark.parametrize(("_why", "kind", "what", "platform", "item"), ITEMS)
async def test_a_case_is_known_by_everything_that_it_would_tell(
    book: Casebook, _why: str, kind: EmbargoKind, what: str, platform: str | None, item: dict[str, Any]
) -> None:
    case_id = await book.take(item=item)
    _, marks = named(book.ctx.keyring, kind, what, platform)
    opened = await open_case(book.ctx, await book.case(case_id))
    assert set(marks) & (await marks_of(book.ctx, [opened]))[0]
    plain = await book.take("https://other.test/", "r-2")
    assert not set(marks) & (await marks_of(book.ctx, [await open_case(book.ctx, await book.case(plain))]))[0]


async def test_a_file_is_held_with_its_page(book: Casebook) -> None:
    await book.take("https://page.test/thread", "page")
    case_id = await book.take("https://files.test/1.jpg", "file", item={"reference": "f", "parent": "page"})
    _, marks = named(book.ctx.keyring, EmbargoKind.URL, "https://page.test/thread", None)
    assert set(marks) & (await marks_of(book.ctx, [await open_case(book.ctx, await book.case(case_id))]))[0]
