"""Find the absolute URLs that a URL carries: in its path, its query and its fragment, however they are encoded.

Nothing is judged here: what a found URL means is said in `link_wrapper.py`.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, unquote_plus

from orjson import loads as json_loads

#: A URL in a path: whole, with one of its slashes lost on the way, or percent-encoded.
_IN_PATH: Final = re.compile(r"(?<![a-z0-9])https?(?::|%(?:25)*3a)(?:/|%(?:25)*2f){1,2}(?=[^/%])", re.IGNORECASE)
_SLASH_ENCODED: Final = re.compile(r"%(?:25)*2f", re.IGNORECASE)
#: `http` in base64, and in hexadecimal.
_BASE64: Final = re.compile(r"aHR0c[A-Za-z0-9+/_-]{8,}={0,2}")
#: Anything in base64 that has `http` in it, wherever in the three bytes of a group that begins.
_BASE64_TEXT: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
_BASE64_PIECE: Final = re.compile(r"(?<![A-Za-z0-9+_-])[A-Za-z0-9+_-]{16,}={0,2}")
_HTTP_IN_BASE64: Final = re.compile(r"aHR0[a-z]|h0dH[A-Z]|odHRw")
#: The whole name of a hidden service, with which no scheme is needed.
_HIDDEN: Final = re.compile(
    r"(?:[a-z0-9-]{1,63}\.){0,4}(?:[a-z2-7]{16}|[a-z2-7]{55}d)\.onion(?=[:/?#]|$)", re.IGNORECASE
)
#: A URL and nothing else: in others it is one of several values, or of JSON.
_ALONE: Final = re.compile(r"https?:/{1,2}[^/\s\"<>|\\][^\s\"<>|\\]*", re.IGNORECASE)
#: An absolute URL in a text, up to what ends it there.
_IN_TEXT: Final = re.compile(r"(?<![a-z0-9])https?://[^\s\"'<>|\\^`{}]{3,}", re.IGNORECASE)
_HEX: Final = re.compile(r"68747470(?:73)?3a2f2f(?:[0-9a-f]{2})+", re.IGNORECASE)
_ABSOLUTE: Final = re.compile(r"https?:/{1,2}[^/\s]", re.IGNORECASE)
#: Encoded once by each program on the way; nobody means more.
_MOST_ENCODED: Final = 3
#: Fields of one query that are looked at.
_MOST_FIELDS: Final = 64
#: Some servers take a semicolon for an ampersand; elsewhere it is part of a value.
_BETWEEN_FIELDS: Final = re.compile(r"&|;(?=[\w.-]{1,30}=https?(?::|%3a))", re.IGNORECASE)
#: JSON inside JSON, and lists of lists; and how many of its values are looked at.
_DEEPEST: Final = 6
_MOST_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One URL inside another: its text, and the field of the query that holds it."""

    text: str
    key: str = ""  #: empty for one that is the rest of a path, or a whole query or fragment
    inner_key: str = ""  #: its field in the JSON that the value holds


@dataclass(frozen=True, slots=True)
class Parts:
    """A canonical URL after its host."""

    path: str
    query: str
    fragment: str


def parts_of(canonical: str) -> Parts:
    """Return the parts of a canonical URL after its host."""
    start = canonical.find("/", canonical.find("://") + 3)
    rest, _, fragment = canonical[start:].partition("#")
    path, _, query = rest.partition("?")
    return Parts(path, query, fragment)


def urls_in(parts: Parts) -> Iterator[Found]:
    """Yield the absolute URLs inside, those of the path first."""
    if found := in_path(parts):
        yield Found(found)
    elif _HTTP_IN_BASE64.search(parts.path):
        for piece in _BASE64_PIECE.finditer(parts.path):
            yield from _in_base64(piece[0], "")
    for text in (parts.query, parts.fragment):
        yield from _in_fields(text.lstrip("/!"))


def in_path(parts: Parts) -> str | None:
    """Return the URL that the rest of a path is; one that is not encoded takes the query along."""
    found = _IN_PATH.search(parts.path)
    if found is None:
        return _hidden(parts.path)
    before, text = parts.path[: found.start()], parts.path[found.start() :]
    if _SLASH_ENCODED.search(found[0]):
        return absolute(text.partition("/")[0]) or absolute(text)
    if "%" in found[0]:
        text = unquote(found[0]) + text[len(found[0]) :]
    text = f"{text}?{parts.query}" if parts.query else text
    mark = before[len(before.rstrip("_")) :]
    return absolute((text.rpartition(mark)[0] or text) if len(mark) > 1 else text)  # some put it between two marks


def fields(query: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a query with their values as they stand."""
    for piece in _BETWEEN_FIELDS.split(query, _MOST_FIELDS)[:_MOST_FIELDS]:
        key, _, value = piece.partition("=")
        yield unquote(key).removeprefix("amp;"), value  # copied out of a page's source, & is `&amp;`


def absolute(value: str) -> str | None:
    """Return a value as the absolute URL it is once it is decoded, or None."""
    for _ in range(_MOST_ENCODED + 1):
        if _ABSOLUTE.match(value):
            return re.sub(r"^(https?):/(?=[^/])", r"\1://", value, flags=re.IGNORECASE)
        decoded = unquote_plus(value)
        if decoded == value:
            break
        value = decoded
    return _hidden(value) if len(value) > len("aHR0cHM6Ly9hLmI") else None


def _in_fields(text: str) -> Iterator[Found]:
    if _ABSOLUTE.match(text) or _ABSOLUTE.match(unquote(text[:16])):
        if whole := absolute(text):
            yield Found(whole)
        return
    for key, value in fields(text):
        if found := absolute(value or key):
            yield Found(found, key if value else "")
        else:
            yield from _in_value(value or key, key if value else "")


def _in_value(value: str, key: str) -> Iterator[Found]:
    """Yield the URLs in a value that is JSON, or holds some in base64."""
    decoded = unquote(value)
    if _HIDDEN.match(decoded):
        yield Found(f"http://{decoded}", key)
    elif decoded[:1] in {"{", "["} and "http" in decoded.lower():
        yield from _in_json(decoded, key)
    elif _HTTP_IN_BASE64.search(decoded):
        for token in _BASE64_TEXT.finditer(decoded):
            yield from _in_base64(token[0], key)


def _in_base64(token: str, key: str) -> Iterator[Found]:
    if _HTTP_IN_BASE64.search(token) is None:
        return
    text = token.rstrip("=").replace("+", "-").replace("/", "_")
    if len(text) % 4 == 1:
        return
    decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace").strip()
    if decoded[:1] in {"{", "["}:
        yield from _in_json(decoded, key)
    elif decoded.isprintable() and (found := _IN_TEXT.search(decoded)):
        yield Found(found[0], key)


def _in_json(text: str, key: str) -> Iterator[Found]:
    left = [_MOST_VALUES]
    with suppress(ValueError):
        for name, value in _strings(json_loads(text), "", _DEEPEST, left):
            if found := absolute(value):
                yield Found(found, key, name)


def _strings(value: object, name: str, deeper: int, left: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the texts in a JSON value with the fields that hold them, also of JSON that stands in a text."""
    left[0] -= 1
    if deeper == 0 or left[0] < 0:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(one, str(key), deeper - 1, left)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one, name, deeper - 1, left)
    elif isinstance(value, str):
        if value[:1] in {"{", "["} and "http" in value:
            with suppress(ValueError):
                yield from _strings(json_loads(value), name, deeper - 1, left)
                return
        yield name, value


def _hidden(value: str) -> str | None:
    """Return the URL that a value holds in base64 or hexadecimal, perhaps behind a mark of its own."""
    if found := _BASE64.search(value):
        text = found[0].rstrip("=").replace("+", "-").replace("/", "_")
        for length in (len(text), len(text) - 1):
            if length % 4 != 1:
                return _plain(urlsafe_b64decode(text[:length] + "=" * (-length % 4)))
    if found := _HEX.search(value):
        return _plain(bytes.fromhex(found[0]))
    return None


def _plain(given: bytes) -> str | None:
    text = given.decode("utf-8", "replace")
    return text if text.isprintable() and _ALONE.fullmatch(text) else None
