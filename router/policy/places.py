"""Where in a policy's text something stands: tomllib gives values without their lines, and people need the line."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

#: The way to a value: table names, keys, and positions in arrays of tables.
Loc: TypeAlias = tuple[str | int, ...]

#: Characters of a name that is one (`schemas.word.Name`, or a line for a test); what is longer is told by its number.
_LONGEST_NAME = 300
#: What one of a table's rows is called.
_ONE_OF: Final = {"tests": "test", "closing_tests": "closing test", "follow_up_rule": "follow-up rule"}
_HEADER = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_.\"'-]+)\s*\]{1,2}")


def line_of(text: str, loc: Loc) -> int | None:
    """Return the 1-based line of what `loc` names, of the nearest thing around it, or None for the whole.

    Reads lines, not TOML: a key inside a multi-line string could mislead it, by a few lines at worst.
    """
    lines = text.splitlines()
    block = _block(lines, loc)
    if block is None:
        return None
    start, end, keys = block
    for key in reversed(keys):
        written = re.compile(rf"""\s*(\[.*\.)?["']?{re.escape(key)}["']?\s*[=\].]""")
        for number in range(start, end):
            if written.match(lines[number]):
                return number + 1
    return start + 1 if _HEADER.match(lines[start]) else None


def place_of(data: dict[str, Any], loc: Loc) -> str:
    """Return the place in words: "route child-at-risk: when.urgency", "barred.XX", or "the policy"."""
    match loc:
        case (str() as table, int() as position, *rest):
            inside = ".".join(str(part) for part in rest if isinstance(part, str))
            name = f"{_ONE_OF.get(table, table)} {_named(data, table, position)}"
            return f"{name}: {inside}" if inside else name
        case ():
            return "the policy"
        case ("translations", str() as language, *_):
            return (
                f"translations {language}"  # with a dot it reads as a host; and the text may name what no message may
            )
    return ".".join(str(part) for part in loc)


def _named(data: dict[str, Any], table: str, position: int) -> str:
    try:
        name = data[table][position]["name"]
    except (KeyError, IndexError, TypeError):
        name = None
    return name if isinstance(name, str) and len(name) <= _LONGEST_NAME else f"no. {position + 1}"


def _block(lines: Sequence[str], loc: Loc) -> tuple[int, int, list[str]] | None:
    """Return the lines [start, end) in which to look, and the keys to look for, outermost first; None for no place."""
    headers = [(number, found[1]) for number, line in enumerate(lines) if (found := _HEADER.match(line))]
    first = headers[0][0] if headers else len(lines)
    if not loc or not lines:
        return None
    table, position = str(loc[0]), loc[1] if len(loc) > 1 and isinstance(loc[1], int) else 0
    keys = [part for part in loc[1:] if isinstance(part, str)]
    if len(loc) > 1 and any(name == f"{table}.{loc[1]}" for _, name in headers):
        table, keys = f"{table}.{keys[0]}", keys[1:]  # `[translations.nl]`
    starts = [number for number, name in headers if name == table]
    if position >= len(starts):
        return 0, first, [table]
    start = starts[position]
    ends = [number for number, name in headers if number > start and not name.startswith(f"{table}.")]
    return start, min(ends, default=len(lines)), keys
