"""Know a link that only carries another location, or a copy of one, by its structure first and by a list second.

On any host, the rest of a path, a whole query, or a value of the query that is an absolute URL of another site makes a
link a wrapper. It does not where the field says whence a visitor comes, or where one goes after signing in: that is a
page. In doubt it is a wrapper, and people decide: to trace a wrapper as the host sends a report to the wrong country.
Nothing is followed: what is not in the text stays unknown.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from router.data.tables import Wrapper, load_wrappers
from router.errors import BadInput
from router.hosting.location.inner_url import Found, Parts, absolute, fields, parts_of, urls_in
from router.hosting.location.registrable import are_of_one_site
from router.hosting.location.url import read
from router.hosting.location.wrapper_forms import FORMS
from schemas.locator import Locator

#: Inner locations that nobody can go to.
_NOWHERE: Final = frozenset({"not_a_name", "private_name", "private_address"})
#: Wrappers around wrappers: every mail scanner on the way adds one.
_MOST_NESTED: Final = 8
_PLAIN_KEY: Final = re.compile(r"[^a-z0-9]")
_ENDING: Final = re.compile(r"\.([a-z0-9]{2,4})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What a link carries."""

    leads_to: str | None  #: the inner location, canonical; None when the text does not say
    copy: bool  #: the link shows a copy of it, so that both are locations


def wrapped(locator: Locator) -> Wrapped | None:
    """Return what a location with a host carries, or None when it is a page of its own."""
    inner = _inner(locator)
    if inner is None or inner.leads_to is None or inner.copy:
        return inner
    # Wrappers that only send on are no locations themselves: the innermost is what was meant.
    for _ in range(_MOST_NESTED):
        place = _read(inner.leads_to or "")
        below = _inner(place) if place is not None and place.no_host is None else None
        if below is None or below.copy or below.leads_to is None:
            break
        inner = below
    return inner


def _inner(locator: Locator) -> Wrapped | None:
    host, canonical = locator.host or "", locator.canonical
    table = load_wrappers()
    domain = locator.registrable_domain or ""
    listed = table.by_domain.get(domain) or table.by_domain.get(f"{domain.partition('.')[0]}.*")
    counts = _counts(canonical)
    if listed is None and not counts and not _has_one(canonical):
        return None  # most end here
    parts = parts_of(canonical)
    for row in listed or ():
        if _is_meant(row, host, parts) and (found := _listed(row, host, parts)) is not None:
            return found
    carried = _by_structure(host, parts) if _has_one(canonical) else None
    return carried or (Wrapped(None, copy=False) if counts else None)


def may_carry(canonical: str, path: int) -> bool:
    """Return whether a canonical URL whose host no table lists may carry another location; most do not.

    `path` is where its path begins.
    """
    return _has_one(canonical) or load_wrappers().counters.match(canonical, path) is not None


def _counts(canonical: str) -> bool:
    """Return whether a URL has the form of a click counter's."""
    return load_wrappers().counters.match(canonical, canonical.find("/", canonical.find("://") + 3)) is not None


def _has_one(canonical: str) -> bool:
    """Return whether a URL has `http` in it, as text, in base64 (in any of its three places) or in hexadecimal."""
    rest = canonical[8:].lower()
    return (
        "http" in rest or "ahr0" in rest or "h0dh" in rest or "odhrw" in rest or "68747470" in rest or ".onion" in rest
    )


def _is_meant(row: Wrapper, host: str, parts: Parts) -> bool:
    if row.paths and not parts.path.startswith(row.paths):
        return False
    return any(_covers(name, host) for name in row.hosts)


def _covers(name: str, host: str) -> bool:
    if name.endswith(".*"):
        first = name.removesuffix("*")
        return f".{host}".find(f".{first}") >= 0
    return host == name or host.endswith(f".{name}")


def _listed(row: Wrapper, host: str, parts: Parts) -> Wrapped | None:
    """Return what a link of a known service carries; one that shows copies is a page where no location is found."""
    candidates: list[str | None] = []
    if row.form:
        candidates.append(FORMS[row.form](host, parts))
    values = [value for key in row.keys for name, value in fields(parts.query) if name == key]
    for value in values:
        candidates += [absolute(value), _with_scheme(value) if row.bare else None]
    candidates += [found.text for found in urls_in(parts)]
    for text in candidates:
        place = _read(text) if text else None
        if place is not None and place.host != host:
            return Wrapped(place.canonical, row.copy)
    return None if row.copy else Wrapped(None, copy=False)


def _with_scheme(value: str) -> str:
    """Return a value that lacks its scheme as a URL; an image cache writes `ssl:` before what it asks for by TLS."""
    plain = unquote(value)
    rest = plain.removeprefix("ssl:")
    return f"{'http' if rest == plain else 'https'}://{rest.lstrip('/')}"


def _by_structure(host: str, parts: Parts) -> Wrapped | None:
    for found in urls_in(parts):
        place = _read(found.text)
        if place is None or are_of_one_site(host, place.host or place.canonical) or _is_page(host, parts, found, place):
            continue
        return Wrapped(place.canonical, _shows_copy(parts, found, place))
    return None


def _read(text: str) -> Locator | None:
    try:
        place = read(text)
    except BadInput:
        return None
    return None if place.no_host in _NOWHERE else place


def _is_page(host: str, parts: Parts, found: Found, place: Locator) -> bool:
    """Return whether a page only names another one: where a visitor comes from, or goes after signing in."""
    if not found.key and not found.inner_key:
        return False
    table = load_wrappers()
    keys = {_PLAIN_KEY.sub("", key.lower()) for key in (found.key, found.inner_key) if key}
    if any(key.startswith(("utm", "ref")) for key in keys):
        return True
    if not table.origin_keys.isdisjoint(keys):
        return not _is_media(place)
    words = [word.lower() for word in parts.path.split("/") if word]
    if words and _ENDING.sub("", words[-1]) in table.redirect_words:
        return False
    signs_in = not table.login_words.isdisjoint([*(_ENDING.sub("", word) for word in words), host.partition(".")[0]])
    return signs_in or not table.return_keys.isdisjoint(keys)


def _shows_copy(parts: Parts, found: Found, place: Locator) -> bool:
    """Return whether a service that nobody listed shows a copy rather than sending on."""
    words = {*re.split(r"[/.,=_-]", parts.path.lower()[: len(parts.path)]), found.key.lower()}
    return _is_media(place) or not load_wrappers().copy_words.isdisjoint(words)


def _is_media(place: Locator) -> bool:
    ending = _ENDING.search(re.split(r"[?#]", place.canonical, maxsplit=1)[0])
    return ending is not None and "/" in place.canonical[8:] and ending[1].lower() in load_wrappers().media_endings
