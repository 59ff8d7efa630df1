"""A policy names no host in clear: its text is kept for ever, in every version, and read by whoever reads rules.

Judged where a policy is checked and before it is published, and not when one in force is read: that one stays in force.
A condition that should be an index is refused when it is read (`schemas/site`), a partner's name when the directory
has none of it; this is about all else that people write: names, reasons, values and remarks.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from router.bounds import read_toml
from router.errors import PolicyInvalid
from router.guard.mask import locations
from schemas.governed import MAX_CHARACTERS
from schemas.policy import PolicyProblem

_TEXT: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
#: The key that a line begins with.
_KEY: Final = re.compile(r"\s*([\w.-]+)\s*=")
#: The table that begins at a line.
_TABLE: Final = re.compile(r"\s*\[{1,2}\s*([\w.-]+)")
#: Whose values are names of partners, and in which tables; one that the directory has may look like a host.
_PARTNERS: Final = frozenset({"to", "expect", "propose", "partner", "unseen_to"})
_THEIR_TABLES: Final = frozenset({"", "route", "tests", "follow_up_rule"})
#: What begins and ends a text of several lines.
_LONG: Final = re.compile(r'"""|\'\'\'')
#: What looks like a host or an address and is none: names of files, times of day, a table of ours in a remark.
_NONE: Final = re.compile(
    r"[\w./-]+\.(?:md|toml|json|py)\.?|\d{1,2}:\d\d:\d\d|translations\.(?:nl|fr|de|en)", re.IGNORECASE
)
_WORDS: Final = (
    "this looks like a location; a policy names no host in clear, since its versions are kept for ever: "
    "name the host by its index in `host_index`, and say in words why"
)
#: What stands where a location was typed.
_HIDDEN: Final = "•••"


class _Said(NamedTuple):
    """What people wrote on one line, apart from the keys: a text in quotes, or a remark."""

    line: int
    place: str
    text: str


def check_no_location(text: str) -> None:
    """Raise PolicyInvalid with every value or remark of a policy that looks like a location, and never with the text.

    What is no TOML is left to whoever reads it as a policy.
    """
    found = [
        PolicyProblem(line=line, place=place, text=_WORDS)
        for line, place, said in _said(text)
        if place not in _PARTNERS and _named(said)
    ] or [PolicyProblem(place="the policy", text=_WORDS) for said in _read(text) if _named(said)]
    if found := list(dict.fromkeys(found)):
        listed = "".join(f"\n  {one}" for one in found)
        raise PolicyInvalid(f"The policy names a location:{listed}", field=found[0].place, problems=found)


def without_locations(text: str, known: Collection[str]) -> str:
    """Return a text as it may be shown: what looks like a location is taken out; `known` are names of partners."""
    lines = text.splitlines()
    for number, _, said in _said(text):
        for one in _named(said):
            if one not in known:
                lines[number - 1] = lines[number - 1].replace(one, _HIDDEN)
    return "\n".join(lines)


def _said(text: str) -> Iterator[_Said]:
    inside: str | None = None
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        key = _KEY.match(line)
        place = key[1] if key is not None else "value"
        if inside is None and (begins := _TABLE.match(line)):
            table = begins[1]
        if place in _PARTNERS and table not in _THEIR_TABLES:
            place = f"{table}.{place}"
        marks = _LONG.findall(line)
        if inside is not None or marks:
            yield _Said(number, place if inside is None else "value", line)
            inside = _open(inside, marks)
            continue
        yield from (_Said(number, place, one) for one in _TEXT.findall(line))
        _, _, remark = _TEXT.sub("", line).partition("#")
        yield _Said(number, "remark", remark)


def _open(inside: str | None, marks: list[str]) -> str | None:
    """Return by which mark a text of several lines is open after a line."""
    for mark in marks:
        inside = None if inside == mark else inside or mark
    return inside


def _read(text: str) -> Iterator[str]:
    """Yield what a policy says once it is read, however it is spelt on its lines: by escapes, or over several."""
    with suppress(ValueError):
        for table, value in read_toml(text, MAX_CHARACTERS).items():
            yield from _texts(value, partners=table in _THEIR_TABLES | _PARTNERS, key=table)


def _texts(value: Any, *, partners: bool, key: str) -> Iterator[str]:
    match value:
        case dict():
            yield from value
            for name, one in value.items():
                yield from _texts(one, partners=partners, key=name)
        case list() if not (partners and key in _PARTNERS):
            for one in value:
                yield from _texts(one, partners=partners, key=key)
        case str() if key not in _PARTNERS or not partners:
            yield value


def _named(text: str) -> list[str]:
    return [one for one in locations(text) if not _NONE.fullmatch(one)]
