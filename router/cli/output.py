"""How a verb ends: what it prints, and the exit codes, in one place.

0 it is done, or the answer is yes; 1 the answer is no (`check`, `test`, `verify`, `doctor`, a refused line); 2 wrong
use; 3 it could not run. An error is one sentence on standard error, and says what to do next. Standard output is for
the answer alone: with `--json`, JSON and nothing else.
"""

import errno
import functools
import os
import re
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

OK: Final = 0
NO: Final = 1
WRONG_USE: Final = 2
CANNOT_RUN: Final = 3
#: What the system says to whoever writes, reads or opens a file, and what the operator does about it.
_SYSTEM: Final = {
    errno.ENOSPC: "The disk is full; free some space and run it again.",
    errno.EDQUOT: "This user's share of the disk is used up; free some space and run it again.",
    errno.EFBIG: "A file may not grow any more; raise the limit (`ulimit -f`) and run it again.",
    errno.EROFS: "The disk is read-only; make it writable and run it again.",
    errno.EACCES: "This user may not read or write a file of the data directory; look at its owner and its rights.",
    errno.EPERM: "This user may not read or write a file of the data directory; look at its owner and its rights.",
    errno.EIO: "The disk does not take or give bytes; check it.",
    errno.EMFILE: "No more files may be open; raise the limit (`ulimit -n`) and run it again.",
    errno.ENFILE: "No more files may be open on this machine; raise its limit and run it again.",
}
#: So many places of an unforeseen fault are named, the innermost first.
_PLACES: Final = 6
#: C0 but tab and line end, DEL, C1, and what turns the direction of a text or ends its line unseen.
_ORDERS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def verb(run: Callable[P, int]) -> Callable[P, None]:
    """Return a verb that ends with the exit code of `run`, or with that of the error it raised."""

    @functools.wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        import typer

        raise typer.Exit(ending(lambda: run(*args, **kwargs)))

    return wrapped


def ending(run: Callable[[], int]) -> int:
    """Return the exit code of a verb, having said in one sentence what went wrong."""
    from router.errors import RouterError

    try:
        return run()
    except RouterError as error:
        complain(sentence(error))
        return error.exit_code
    except KeyboardInterrupt:
        complain("Stopped.")
        return CANNOT_RUN
    except BrokenPipeError:
        # Whoever read the answers went away; Python would complain again while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_RUN
    except OSError as error:
        complain(system_said_no(error))
        return CANNOT_RUN
    except Exception as error:  # noqa: BLE001 - Python would end with 1, "the answer is no", and print what may be secret
        complain(_unforeseen(error))
        return CANNOT_RUN


def system_said_no(error: OSError) -> str:
    """Return what the system refused, and what to do; one that is not in the table is a fault of ours."""
    known = _SYSTEM.get(error.errno or 0)
    return _unforeseen(error) if known is None else known


def _unforeseen(error: Exception) -> str:
    """Return a fault of ours without its message: the message of a library may carry a location, or a key."""
    import traceback
    from pathlib import Path

    passed = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__))
    ]
    way = ", ".join(passed[:_PLACES])
    return f"This failed in a way that nobody foresaw; report this line: {type(error).__name__} at {way}."


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run the asynchronous part of a verb to its end."""
    import asyncio

    return asyncio.run(work)


def sentence(error: Any) -> str:
    """Return an error as one sentence that names its field as the verb does: `reason`, not the API's `/reason`."""
    field, said = str(error.field or ""), str(error.message)
    place, _, name = field.rpartition("/")
    if place in {"", "query", "path"} and name:
        said = said.removeprefix(f"`{field}`: ")
        field = name.removesuffix("_id")
    return said if field in said else f"{field}: {said}"


def printable(text: str) -> str:
    """Return a text that no terminal obeys and no reader is misled by; what it held is written out as JSON would.

    Names, reasons and answers of others are printed, and a terminal takes some characters for orders (ECMA-48).
    """
    return _ORDERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: object) -> None:
    """Print a line of the answer on standard output."""
    print(printable(str(text)))


def complain(text: str) -> None:
    """Print a sentence for people on standard error."""
    print(printable(text), file=sys.stderr)


def show(data: Any, *, as_json: bool, lines: Iterable[str]) -> None:
    """Print an answer: as one line of JSON, or as lines for people."""
    if as_json:
        import json

        say(json.dumps(data, ensure_ascii=False))
        return
    for line in lines:
        say(line)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: `1 version`, `2 versions`; `many` where that is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Return rows as aligned lines; `columns` is heading -> key. None is shown as a dash."""
    heads = list(columns)
    cells = [[_cell(row.get(key)) for key in columns.values()] for row in rows]
    widths = [max(len(head), *(len(row[i]) for row in cells), 0) for i, head in enumerate(heads)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [heads, *cells]]
    return [line.rstrip() for line in lines]


def _cell(value: Any) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, list | tuple):
        return " ".join(str(one) for one in value)
    return str(value)
