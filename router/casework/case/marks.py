"""The marks of a case by which an embargo is recognised: blind indexes of every location, host and account in it.

So are the names by which its host was reached when it was traced last: a name of somebody's own that leads to a host
under embargo is on that host. They are known once name servers were asked, and judged before anything else is.

What a case would tell others is more than its own location: where its reporters came from, the page that a file is on,
a location inside a link, the accounts. An embargo on any of those holds the case. `url` and `host` are the indexes of
the cases themselves. Keys that were replaced count as long as they are held, so a rotation lets nothing through.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from router.casework.case.pages import Page, pages_of
from router.casework.case.record import Opened, reached_by
from router.casework.context import Context
from router.errors import BadInput
from router.guard.seal import ID, Keyring
from router.hosting.location.identity import identity
from router.hosting.location.inner_url import parts_of, urls_in
from router.hosting.location.registrable import registrable_domain
from router.hosting.location.url import read
from schemas.embargo import EmbargoKind
from schemas.locator import LocationKind, Locator
from schemas.site import written

#: The kinds of blind indexes (`Keyring.blind`).
_URL, _HOST, _ACCOUNT = "url", "host", "account"
#: Locations inside one location that are looked at, each of which may carry more.
_MOST_INSIDE: Final = 32
#: Names above a host's own: more labels than any name in use has.
_MOST_ABOVE: Final = 32
_NOT_BELOW: Final = "Name a host of somebody's own, such as example.com: nobody can own everything below this one."
_NO_HOST: Final = "This is no host; type its name, such as example.com, or its address."


def named(keyring: Keyring, kind: EmbargoKind, what: str, platform: str | None) -> tuple[str, tuple[bytes, ...]]:
    """Return what an embargo names, in its canonical form, and its marks. Raise BadInput for what names nothing."""
    try:
        locator = read(what, LocationKind.ACCOUNT if kind is EmbargoKind.ACCOUNT else LocationKind.URL)
    except BadInput as error:
        raise BadInput(error.message, field="what", reason=error.reason) from None
    if kind is EmbargoKind.ACCOUNT:
        account = keyring.blind(_ACCOUNT, account_text(platform or "", what))
        return locator.canonical, (account, keyring.blind(_URL, identity(locator)))
    if kind is EmbargoKind.URL:
        return locator.canonical, (keyring.blind(_URL, identity(locator)),)
    if locator.host is None:
        raise BadInput(_NO_HOST, field="what")
    host = _plain(locator.host)
    is_public = locator.no_host in (None, "not_a_name")
    if not _is_address(host) and is_public and registrable_domain(host) is None:
        raise BadInput(_NOT_BELOW, field="what")
    return host, (keyring.blind(_HOST, host),)


def account_text(platform: str, handle: str) -> str:
    """Return what is equal for all spellings of one account: people write the sign before a handle, or leave it out."""
    return f"{' '.join(platform.split()).casefold()}\n{handle.strip().lstrip('@').casefold()}"


async def marks_of(ctx: Context, opened: Sequence[Opened]) -> list[frozenset[bytes]]:
    """Return every mark of each case, under every key that is held."""
    pages = [await pages_of(ctx, one) for one in opened]
    return [
        frozenset(_of_case(ctx.keyring, one, on)) | {mark for name in reached for mark in _of_host(ctx.keyring, name)}
        for one, on, reached in zip(opened, pages, await reached_by(ctx, opened), strict=True)
    ]


def of_location(keyring: Keyring, locator: Locator) -> frozenset[bytes]:
    """Return the marks of one location, and of the locations that it carries."""
    return frozenset(mark for one in _with_inside(locator) for mark in _of_one(keyring, one))


def _of_case(keyring: Keyring, opened: Opened, pages: Iterable[Page]) -> Iterator[bytes]:
    yield from of_location(keyring, opened.locator)
    texts = {page.location for page in pages}
    for item in opened.items:
        texts |= {item.location, *([item.ways_in.referrer] if item.ways_in and item.ways_in.referrer else [])}
        if item.account is not None:
            yield from keyring.blinds(_ACCOUNT, account_text(item.account.platform, item.account.handle))
    for text in texts - {opened.secrets.canonical}:
        with suppress(BadInput):  # a referrer that names nothing has nothing to be recognised by
            yield from of_location(keyring, read(text))


def _of_one(keyring: Keyring, locator: Locator) -> Iterator[bytes]:
    yield from keyring.blinds(_URL, identity(locator))
    if locator.host is not None:
        yield from _of_host(keyring, _plain(locator.host))


def _of_host(keyring: Keyring, host: str) -> Iterator[bytes]:
    for one in _with_above(host):
        yield from keyring.blinds(_HOST, one)


def _with_above(host: str) -> Iterator[str]:
    """Yield a host and every name above it; an address has none."""
    yield host
    if not _is_address(host):
        labels = host.split(".")[-_MOST_ABOVE:]
        yield from (".".join(labels[at:]) for at in range(1, len(labels) - 1))


def _plain(host: str) -> str:
    """Return a host without the root's dot: `example.com.` is the same machine."""
    return host.rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _with_inside(locator: Locator) -> Iterator[Locator]:
    """Yield a location and those that its text carries, however deep, such as the target of a redirector."""
    waiting, seen = [locator], {locator.canonical}
    while waiting and len(seen) <= _MOST_INSIDE:
        one = waiting.pop()
        yield one
        if "://" not in one.canonical:
            continue
        for found in urls_in(parts_of(one.canonical)):
            with suppress(BadInput):
                inner = read(found.text)
                if inner.canonical not in seen:
                    seen.add(inner.canonical)
                    waiting.append(inner)


def host_named(index: bytes | None) -> str | None:
    """Return how a rule names the host of a case (`schemas/site`), by the case's blind index of it."""
    return None if index is None else written(bytes(index)[ID:])
