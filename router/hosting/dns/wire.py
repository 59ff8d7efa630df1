"""A DNS question to bytes, and bytes to an `Answer` (RFC 1035, EDNS of RFC 6891).

dnspython builds and reads messages of every kind at about 200 microseconds each; this reads A, AAAA, CNAME, DNAME, SOA
and OPT in a tenth of that, and is tested against dnspython over generated and mutated messages. The whole of a message
is read, also behind an address: what a resolver says of its own answer (RFC 8914) stands in the last record.
Whatever arrives, `read` returns an answer or raises `Malformed`; it never hangs, as a compression pointer has to point
backwards.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from struct import Struct, error
from typing import Final

from router.hosting.dns.answer import (
    AAAA,
    CNAME,
    DNAME,
    NOERROR,
    NS,
    OPT,
    SOA,
    A,
    DnsAnswer,
    Found,
    Said,
    concluded,
)
from schemas.trace import DnsOutcome

HEADER: Final = 12
#: One question, recursion desired, one additional record (the OPT below).
_FLAGS_EDNS: Final = bytes.fromhex("0100 0001 0000 0000 0001")
_FLAGS_BARE: Final = bytes.fromhex("0100 0001 0000 0000 0000")
#: OPT: root name, type 41, 1,232 bytes of UDP (dnsflagday.net/2020), no flags, no data. No client subnet: it would tell
#: the host's name server that somebody looks, and from where.
_OPT: Final = bytes.fromhex("00 0029 04d0 00000000 0000")
_QUESTION_TAIL: Final = {A: b"\0\1\0\1", AAAA: b"\0\x1c\0\1"}

_COUNTS: Final = Struct(">HHHH")
_RECORD: Final = Struct(">HHIH")
_TTL: Final = Struct(">I")
_OPTION: Final = Struct(">HH")
#: The OPT record that nearly every answer ends with begins so: the root's name, the type.
_OPT_BEGINS: Final = b"\0\0\x29"
#: Option code of an extended DNS error (RFC 8914 section 2).
_EXTENDED_ERROR: Final = 15
_AUTHORITATIVE: Final = 0x04  #: in the header's third byte
_RECURSIVE: Final = 0x80  #: in its fourth
_POINTER: Final = 0xC0
_TO_QUESTION: Final = bytes((_POINTER, HEADER))
_LONGEST_TTL: Final = 0x7FFFFFFF  # RFC 2181 section 8: larger is zero
_PLAIN: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ODD: Final = re.compile(rb"[^a-z0-9_-]")


class Malformed(ValueError):
    """The bytes are no DNS answer."""


def is_plain(name: str) -> bool:
    """Say whether `name` can be asked for: what a chain leads to may be any bytes."""
    return len(name) <= 253 and _PLAIN.fullmatch(name) is not None


def question(name: str, kind: int) -> bytes:
    """Return the question section for a plain name."""
    labels = name.encode("ascii").split(b".")
    return b"".join([b"%c%b" % (len(label), label) for label in labels]) + b"\0" + _QUESTION_TAIL[kind]


def query(number: int, asked: bytes, *, edns: bool) -> bytes:
    """Return the packet that asks the question section `asked` under the id `number`."""
    if edns:
        return number.to_bytes(2, "big") + _FLAGS_EDNS + asked + _OPT
    return number.to_bytes(2, "big") + _FLAGS_BARE + asked


def echoes(data: bytes, asked: bytes) -> bool:
    """Say whether `data` is a reply that repeats the question: one that does not was made by somebody else."""
    if len(data) < HEADER + len(asked) or data[2] & 0xF8 != 0x80 or data[4:6] != b"\0\1":
        return False
    seen = data[HEADER : HEADER + len(asked)]
    return seen == asked or seen.lower() == asked.lower()


def is_cut(data: bytes) -> bool:
    """Say whether the TC bit is set: the rest has to be asked for over TCP."""
    return bool(data[2] & 0x02)


def is_format_error(data: bytes) -> bool:
    """Say whether the server could not read the question: perhaps for its EDNS."""
    return data[3] & 0x0F == 1


def read(data: bytes, name: str, asked: bytes) -> DnsAnswer:
    """Return the answer in `data`, a reply to the question `asked` for `name`. Raises `Malformed`."""
    at, names = HEADER + len(asked), {HEADER: name}
    try:
        _, answers, authorities, additionals = _COUNTS.unpack_from(data, 4)
        aliases, found, subtrees, at = _answers(data, at, answers, names)
        if authorities == 0 and additionals == 1 and _is_bare_opt(data, at):
            code, zone, refers, errors = data[3] & 0x0F, None, False, _NO_ERRORS
        else:
            code, zone, refers, errors = _beside(data, at, authorities, additionals, names)
    except (IndexError, error):
        raise Malformed from None
    if found and code == NOERROR and not aliases and not errors and found[0].owner == name:
        return DnsAnswer(DnsOutcome.OK, aliases, tuple(found))  # nearly every answer; the rest is for the other one
    flags = data[2] & _AUTHORITATIVE != 0, data[3] & _RECURSIVE != 0
    return concluded(name, Said(code, *flags, aliases, tuple(found), tuple(subtrees), zone, refers, errors))


_NO_ERRORS: Final[frozenset[int]] = frozenset()


def _answers(
    data: bytes, at: int, count: int, names: dict[int, str]
) -> tuple[dict[str, tuple[str, int]], list[Found], list[str], int]:
    """Return the aliases, the addresses and the owners of DNAME records, and where the next section starts."""
    aliases: dict[str, tuple[str, int]] = {}
    found: list[Found] = []
    subtrees: list[str] = []
    for _ in range(count):
        # Nearly all owners are a pointer to the question's name.
        owner, at = (names[HEADER], at + 2) if data[at : at + 2] == _TO_QUESTION else _name(data, at, names)
        kind, klass, ttl, size = _RECORD.unpack_from(data, at)
        start, at = at + 10, at + 10 + size
        if at > len(data):
            raise Malformed
        ttl = 0 if ttl > _LONGEST_TTL else ttl
        if klass != 1:
            continue
        if kind == A and size == 4:
            found.append(Found(owner, IPv4Address(data[start:at]), ttl))
        elif kind == AAAA and size == 16:
            found.append(Found(owner, IPv6Address(data[start:at]), ttl))
        elif kind == CNAME:
            target, end = _name(data, start, names)
            if end != at:
                raise Malformed
            aliases.setdefault(owner, (target, ttl))
        elif kind == DNAME:
            subtrees.append(owner)
        elif kind in (A, AAAA):
            raise Malformed
    return aliases, found, subtrees, at


def _is_bare_opt(data: bytes, at: int) -> bool:
    """Say whether an OPT record that says nothing is all that is left: no higher bits of the code, no options."""
    bare = len(data) - at == 11 and data.startswith(_OPT_BEGINS, at)
    return bare and data[at + 5] == 0 and data.endswith(b"\0\0")


def _beside(
    data: bytes, at: int, authorities: int, additionals: int, names: dict[int, str]
) -> tuple[int, tuple[str, int] | None, bool, frozenset[int]]:
    """Return the full response code, the zone's SOA, whether other servers are named, and the extended errors."""
    code = data[3] & 0x0F
    zone: tuple[str, int] | None = None
    refers, errors = False, None
    for number in range(authorities + additionals):
        owner = at
        at = at + 2 if data[at] >= _POINTER else at + 1 if data[at] == 0 else _name(data, at, names)[1]
        kind, klass, ttl, size = _RECORD.unpack_from(data, at)
        start, at = at + 10, at + 10 + size
        if at > len(data):
            raise Malformed
        if number >= authorities:
            if kind == OPT:
                if errors is not None or data[owner] != 0:
                    raise Malformed  # one, of the root (RFC 6891 section 6.1.1)
                errors = _errors(data, start, at) if size else _NO_ERRORS
                code |= ttl >> 24 << 4
        elif kind == NS and klass == 1:
            refers = True
        elif kind == SOA and klass == 1 and zone is None:
            if size < 22:  # two root names and five numbers
                raise Malformed
            least = min(int(ttl), int(_TTL.unpack_from(data, at - 4)[0]))
            zone = _name(data, owner, names)[0], 0 if least > _LONGEST_TTL else least
    return code, zone, refers, errors or _NO_ERRORS


def _errors(data: bytes, at: int, end: int) -> frozenset[int]:
    """Return the extended DNS errors among the options of an OPT record; their texts are a third party's, left out."""
    found = set()
    while at < end:
        option, size = _OPTION.unpack_from(data, at)
        at += 4
        if at + size > end or (option == _EXTENDED_ERROR and size < 2):
            raise Malformed
        if option == _EXTENDED_ERROR:
            found.add(data[at] << 8 | data[at + 1])
        at += size
    return frozenset(found)


def _name(data: bytes, at: int, names: dict[int, str]) -> tuple[str, int]:
    """Return the name at `at` and where the next field starts; `names` remembers names by their offset."""
    if data[at] >= _POINTER:
        target = (data[at] & 0x3F) << 8 | data[at + 1]
        if target >= at:
            raise Malformed
        if target not in names:
            asked, after = names[HEADER], target - HEADER
            # A name in the question's own: each of its length bytes stands where the text has a dot.
            inside = 0 < after < len(asked) and asked[after - 1] == "."
            names[target] = asked[after:] if inside else _spelled(data, target)[0]
        return names[target], at + 2
    return _spelled(data, at)


def _spelled(data: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    end, size = -1, 0
    start = at
    while length := data[at]:
        if length >= _POINTER:
            target = (length & 0x3F) << 8 | data[at + 1]
            end = at + 2 if end < 0 else end
            # Strictly backwards, before anything of this name that was read so far: so this ends.
            if target >= start:
                raise Malformed
            start = at = target
            continue
        label = data[at + 1 : at + 1 + length]
        size += length + 1
        if length > 63 or len(label) < length or size > 254:
            raise Malformed
        labels.append(_text(label))
        at += length + 1
    end = at + 1 if end < 0 else end
    return ".".join(labels), end


def spelled(labels: Iterable[bytes]) -> str:
    """Return a name as this folder writes names; `labels` are those of the wire without the root's."""
    return ".".join(map(_text, labels))


def _text(label: bytes) -> str:
    label = label.lower()
    if _ODD.search(label) is None:
        return label.decode("ascii")
    return "".join(chr(byte) if not _ODD.match(bytes((byte,))) else f"\\{byte:03d}" for byte in label)
