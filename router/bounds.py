"""How much structure a text from outside may have, judged before anything reads it.

What costs the readers of TOML and of JSON is not length but structure: tomllib takes time by the square of a key's
parts, and pydantic notes an error, with its value, for each element that is wrong. So parts, depth and values are
counted first, in one pass and without recursion. Pure.
"""

import re
import tomllib
from typing import Any, Final

from router.errors import BadInput

#: Parts of one dotted key and open brackets of a TOML text. Our own files have four of either.
MOST_PARTS: Final = 8
MOST_DEPTH: Final = 16
#: Open brackets of a TOML text, of tables and of lists. Our largest file has under a thousand.
MOST_BRACKETS: Final = 10_000
#: Values of one JSON body: a report of a thousand items has 55,000 when every field of every item is filled in.
MOST_VALUES: Final = 60_000
#: Bytes that a value takes on average, in a body with more than a few: each has a name, quotes and a comma. What is
#: denser was made to cost.
LEAST_BYTES: Final = 8
_A_FEW: Final = 1_000
_QUOTE: Final = ord('"')
#: Characters of tomllib's own words that are passed on: it quotes keys, which may be as long as the text.
_MOST_SAID: Final = 200

#: What begins a comment or a string, opens, closes or parts; all else is the inside of a key or a value.
_MARK: Final = re.compile(r'#[^\n]*|"""|\'\'\'|"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?|[.=,\n\[\]{}]')
_BASIC_END: Final = re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+"{3,5}', re.DOTALL)
#: A string of JSON, or what begins a value; a string without its end takes the rest, so that no part is searched twice.
_JSON_MARK: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[,{\[]', re.DOTALL)


def read_toml(text: str, most: int) -> dict[str, Any]:
    """Return the values of a TOML text of at most `most` characters. Raise ValueError with a short sentence."""
    if len(text) > most:
        raise ValueError(f"it is too long, with more than {most} characters; is it the right file?")
    check_toml(text)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits
        raise ValueError(str(error)[:_MOST_SAID]) from None


def check_toml(text: str) -> None:
    """Raise ValueError for a key with too many parts, for brackets too deep in each other, or for too many of them."""
    at = depth = dots = opened = 0
    while found := _MARK.search(text, at):
        mark, at = found[0], found.end()
        if mark == ".":
            dots += 1
        elif mark in {'"""', "'''"}:
            at = _end_of_lines(text, at, mark)
        elif mark[0] not in "\"'#":
            dots = 0
            opened += mark in "[{"
            depth = max(0, depth + (mark in "[{") - (mark in "]}"))  # tomllib says which bracket is wrong
        if dots >= MOST_PARTS or depth > MOST_DEPTH:
            line = text.count("\n", 0, at) + 1
            raise ValueError(f"nothing of ours is nested so deep (at line {line})")
        if opened > MOST_BRACKETS:
            raise ValueError(f"it has more than {MOST_BRACKETS} tables and lists; is it the right file?")


def _end_of_lines(text: str, at: int, mark: str) -> int:
    """Return where a string of several lines ends; one without an end takes the rest, as tomllib has it."""
    if mark == "'''":
        end = text.find(mark, at)
        return len(text) if end < 0 else end + len(mark)
    found = _BASIC_END.match(text, at)
    return len(text) if found is None else found.end()


def check_json(body: bytes, most: int = MOST_VALUES) -> None:
    """Raise BadInput for a JSON text with more than `most` values, or too many for its length.

    Text inside strings does not count.
    """
    most = min(most, _A_FEW + len(body) // LEAST_BYTES)
    if len(body) > most and _values(body) > most and _has_more(body, most):
        raise BadInput(f"This holds more than {most} values; send it in smaller parts.", reason="too_many_values")


def _values(body: bytes) -> int:
    """Return at least how many values a JSON text has: the first of each bracket, and one after each comma."""
    return body.count(b",") + body.count(b"{") + body.count(b"[")


def _has_more(body: bytes, most: int) -> bool:
    """Tell the same of what stands outside strings. It ends as soon as it knows, and keeps nothing of the body.

    A value has two strings at most, its name and itself: where there are more, either there are too many or it is no
    JSON.
    """
    values = strings = 0
    for found in _JSON_MARK.finditer(body):
        if body[found.start()] == _QUOTE:
            strings += 1
        else:
            values += 1
        if values > most or strings > 2 * most + 2:
            return True
    return False
