"""Bodies made to cost more than their size: for any endpoint from its schema, and some for what it reads.

Each shape is a function of the bytes it may have. A schema is one of the OpenAPI document's; `example` fills it in, so
that what is hostile stands where something is done with it, and not behind a field that is missing.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

Body = bytes
Shape = Callable[[int], Body]
Schemas = Mapping[str, Any]

#: What fits a field by its format or pattern better than an "x".
_BY_FORMAT: Final = {
    "date-time": "2026-11-22T08:59:00Z", "date": "2026-11-22", "uri": "https://example.test/", "duration": "PT5M",
    "ipvanyaddress": "3.120.0.1", "uuid": "01999999-0000-7000-8000-000000000000",
}  # fmt: skip
_BY_NAME: Final = {
    "location": "https://example.test/page", "inputs": "https://example.test/page", "country": "NL", "home": "BE",
    "partner": "hotline-nl", "source": "form", "sender": "hotline-nl", "recipient": "hotline-be", "ip": "3.120.0.1",
}  # fmt: skip
_DEEPEST: Final = 5


def example(schema: Any, schemas: Schemas, name: str = "", depth: int = 0) -> Any:
    """Return a value of a schema with every field filled in, as far as that can be guessed."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], schemas, name, depth)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object" and depth < _DEEPEST:
        return {key: example(one, schemas, key, depth + 1) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {}), schemas, name, depth + 1)]
    if kind == "string":
        return _BY_NAME.get(name) or _BY_FORMAT.get(schema.get("format", "")) or "x"
    return {"integer": 1, "number": 1.0, "boolean": True, "object": {}}.get(str(kind))


def places(value: Any, kind: type, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where values of a type stand."""
    if isinstance(value, kind):
        yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, kind, (*at, key))


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """Return the value with another one at that place."""
    if not at:
        return new
    key, *rest = at
    if isinstance(value, dict):
        return {**value, key: put(value[key], tuple(rest), new)}
    return [put(one, tuple(rest), new) if place == key else one for place, one in enumerate(value)]


def filled(unit: bytes, size: int, head: bytes = b"", tail: bytes = b"") -> Body:
    """Return a unit again and again, between head and tail, in `size` bytes."""
    return head + unit * max(1, (size - len(head) - len(tail)) // len(unit)) + tail


def _keys(size: int) -> Body:
    names = (b'"k%d":1,' % n for n in range(size // 8))
    found, left = [], size - 12
    for one in names:
        left -= len(one)
        if left < 0:
            break
        found.append(one)
    return b"{" + b"".join(found) + b'"z":1}'


#: Bodies that need no schema.
PLAIN: Final[Mapping[str, Shape]] = {
    "open brackets": lambda size: b"[" * size,
    "deep lists": lambda size: b"[" * (size // 2) + b"]" * (size // 2),
    "deep objects": lambda size: b'{"a":' * (size // 7) + b"1" + b"}" * (size // 7),
    "list of numbers": lambda size: filled(b"0,", size, b"[", b"0]"),
    "list of objects": lambda size: filled(b"{},", size, b"[", b"{}]"),
    "many keys": _keys,
    "one key again": lambda size: filled(b'"a":1,', size, b"{", b'"a":1}'),
    "one number": lambda size: b"1" * size,
    "huge exponents": lambda size: filled(b"1e999999,", size, b"[", b"1]"),
    "blanks": lambda size: b" " * size,
    "line ends": lambda size: b"\n" * size,
    "short lines": lambda size: b"x\n" * (size // 2),
    "empty objects by line": lambda size: b"{}\n" * (size // 3),
    "half letters": lambda size: b'"' + b"\xc3" * (size - 2) + b'"',
    "zeros": bytes,
    "quotes": lambda size: filled(b'\\"', size, b'{"a":"', b'"}'),
    "half pairs": lambda size: filled(b"\\ud800", size, b'{"a":"', b'"}'),
    "form of pairs": lambda size: b"a=1&" * (size // 4),
    "form of escapes": lambda size: b"a=" + b"%25" * ((size - 2) // 3),
    "one field": lambda size: b"csrf=x&reason=" + b"x" * max(1, size - 14),
    "parts": lambda size: filled(b"--b\r\n\r\n\r\n", size),
}

#: Texts for a field that is read as one: TOML, a location, a reason.
TEXTS: Final[Mapping[str, Shape]] = {
    "letters": lambda size: b"x" * size,
    "dotted keys": lambda size: b"a." * (size // 2 - 2) + b"a=1",
    "lines of dotted keys": lambda size: filled(b"a.b.c.d.e.f.g=1\\n", size),
    "open lists": lambda size: b"a=" + b"[" * (size - 2),
    "open tables": lambda size: filled(b"[[route]]\\n", size),
    "keys": lambda size: b"".join(b"k%d=1\\n" % n for n in range(size // 12)),
    "three quotes": lambda size: filled(b'\\"\\"\\"', size, b"a="),
    "escapes": lambda size: filled(b"%2525", size, b"https://a.test/?u="),
    "wrapped": lambda size: filled(b"https://a.test/?u=", size),
    "labels": lambda size: filled(b"a.", size, b"https://", b"test/"),
    "ats": lambda size: filled(b"@", size, b"https://", b"a.test/"),
    "unseen": lambda size: filled(b"\\u200b", size),
    "lines": lambda size: filled(b"a\\n", size),
}
#: What fields inside are tried with; the rest only where a body has one field of its own.
_INSIDE: Final = ("letters", "dotted keys", "wrapped", "unseen")
_MOST_PLACES: Final = 30


def of_schema(schema: Any, schemas: Schemas, most: int = _MOST_PLACES) -> Mapping[str, Shape]:
    """Return shapes for a body of that schema: one field after the other is made hostile, the others are as wanted.

    At most so many fields of either kind.
    """
    wanted = example(schema, schemas)
    found: dict[str, Shape] = {}
    for at in islice(places(wanted, str), most):
        for name in TEXTS if len(at) == 1 else _INSIDE:
            found[f"{'.'.join(map(str, at))}: {name}"] = _text_at(wanted, at, TEXTS[name])
    for at in islice(places(wanted, list), most):
        for name, unit in (("numbers", b"0,"), ("objects", b"{},"), ("as wanted", _json(_at(wanted, at)[0]) + b",")):
            found[f"{'.'.join(map(str, at))}: many {name}"] = _list_at(wanted, at, unit)
    return found


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _at(value: Any, at: tuple[Any, ...]) -> Any:
    for key in at:
        value = value[key]
    return value


_HOLE: Final = "hole-7f3a"


def _split(wanted: Any, at: tuple[Any, ...]) -> tuple[bytes, bytes]:
    head, _, tail = _json(put(wanted, at, _HOLE)).partition(f'"{_HOLE}"'.encode())
    return head, tail


def _text_at(wanted: Any, at: tuple[Any, ...], text: Shape) -> Shape:
    head, tail = _split(wanted, at)
    return lambda size: head + b'"' + text(max(8, size - len(head) - len(tail) - 2)) + b'"' + tail


def _list_at(wanted: Any, at: tuple[Any, ...], unit: bytes) -> Shape:
    head, tail = _split(wanted, at)
    return lambda size: filled(unit, size, head + b"[", unit[:-1] + b"]" + tail)


def forms(csrf: str) -> Mapping[str, Shape]:
    """Return shapes for a form of the console, sent from its own page: with the session's token, and a long reason."""
    head = b"csrf=%s&reason=" % csrf.encode()
    texts = {f"reason: {name}": _after(head, text) for name, text in TEXTS.items()}
    return texts | {"reason: many": lambda size: filled(b"&reason=a", size, head)}


def _after(head: bytes, text: Shape) -> Shape:
    return lambda size: head + text(max(1, size - len(head)))


def reports(size: int) -> Body:
    """Return good reports, a line each: what a batch costs that is taken."""
    one = b'{"source":"form","reference":"%d","received_at":"2026-11-22T08:59:00Z","items":[{"location":"https://e.test/%d"}]}\n'
    return b"".join(one % (n, n) for n in range(size // (len(one) + 12)))


#: Locations that are read, and cost the reader most, each of the length that is taken.
_LOCATIONS: Final[Mapping[str, bytes]] = {
    "plain": b"https://e.test/%d",
    "wrapped": b"https://e.test/%d?u=" + b"https://a.test/?u=" * 100,
    "escaped": b"https://e.test/%d?u=" + b"%%2525" * 300,
    "labels": b"https://e%d." + b"a." * 110 + b"test/",
    "unseen": b"https://e.test/%d" + b"\\u200b" * 250,
    "defanged": b"hxxps[:]//e%d" + b"[.]a" * 50 + b"[.]test/",
    "dots": b"https://e.test/%d/" + b"../" * 600,
    "login": b"https://" + b"a@" * 800 + b"e%d.test/",
}


def taken_items(size: int, location: bytes) -> Body:
    """Return one good report with as many locations as fit, or as one report takes."""
    head = b'{"source":"form","reference":"r%d","received_at":"2026-11-22T08:59:00Z","items":[' % size
    found, left = [], size - len(head) - 3
    for number in range(1000):
        one = b'{"location":"%s"}' % (location % number)
        left -= len(one) + 1
        if left < 0:
            break
        found.append(one)
    return head + b",".join(found) + b"]}\n"


def _taken(location: bytes) -> Shape:
    return lambda size: taken_items(size, location)


#: Reports that are taken, for `POST /v1/reports` and by line.
GOOD: Final[Mapping[str, Shape]] = {f"good items: {name}": _taken(one) for name, one in _LOCATIONS.items()}


def asked(size: int, location: bytes) -> Body:
    """Return as many hosts to be looked up as fit, or as one question takes; nobody outside is asked."""
    one = b'"%s",' % (location % 1)
    return b'{"offline":true,"inputs":[' + (one * min(200, (size - 40) // len(one)))[:-1] + b"]}"


def _asked(location: bytes) -> Shape:
    return lambda size: asked(size, location)


LOOKED_UP: Final[Mapping[str, Shape]] = {f"good hosts: {name}": _asked(one) for name, one in _LOCATIONS.items()}


def wrong_items(size: int) -> Body:
    """Return one report with as many wrong items as fit, on one line."""
    head = b'{"source":"form","reference":"r","received_at":"2026-11-22T08:59:00Z","items":['
    return filled(b"{},", size, head, b"{}]}\n")


def wrong_lines(size: int) -> Body:
    """Return lines with many errors each."""
    return filled(b'{"source":1,"reference":2,"received_at":3,"items":[{},{},{}],"a":1,"b":2}\n', size)


#: For a body of lines.
LINES: Final[Mapping[str, Shape]] = {"reports": reports, "wrong items": wrong_items, "wrong lines": wrong_lines}
