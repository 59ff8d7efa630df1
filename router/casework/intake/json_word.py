"""Read a text of JSON as one of our words, or say what is wrong with it: a report alone, a line of a batch, an act.

A key that stands twice in one object is refused. Readers of JSON take the last of them without a word (RFC 8259 section
4 leaves it open), so what another program wrote first would be lost: an urgency, an assessment, a location.
"""

import json
import re
from codecs import BOM_UTF8
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from router.bounds import check_json
from router.casework.intake.field_errors import Unreadable, nameable, pointer, unread
from schemas.problem import FieldProblem

W = TypeVar("W", bound=BaseModel)


#: A blank after a quote: between a key and its colon hardly any program writes one.
_GAP: Final = re.compile(rb'"[ \t\r\n]')


def parse(text: bytes, word: type[W]) -> W:
    """Return a text as a word. Raise BadInput naming what is wrong, and none of its content.

    The mark that some programs put before UTF-8 is passed over. What it costs to find out is bounded by how many values
    there are, so they are counted first.
    """
    text = text.removeprefix(BOM_UTF8)
    check_json(text)
    try:
        found = word.model_validate_json(text)
    except ValidationError as error:
        raise unread(error) from None
    check_keys(text)
    return found


def check_keys(text: bytes) -> None:
    """Raise BadInput naming a key that stands twice in one object of a text of JSON."""
    if not _may_repeat(text):
        return  # most end here
    twice: list[_Twice] = []

    def kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(pairs)
        if len(known) == len(pairs):
            return known
        names = [key for key, _ in pairs]
        twice.append(_Twice(known, next(key for at, key in enumerate(names) if key in names[:at])))
        return twice[-1]

    whole = json.loads(text, object_pairs_hook=kept)
    if twice:
        outermost = twice[-1]  # an object ends after those inside it
        place = [str(part) for part in _way_to(whole, outermost)]
        field = pointer(nameable([*place, outermost.key]))
        said = FieldProblem(field=field, message="this key stands twice; send it once, with the value that is meant")
        raise Unreadable((said,), "duplicate_key")


def _may_repeat(text: bytes) -> bool:
    """Return whether a key may be repeated in the text: a few bytes of it decide, which costs next to nothing.

    What stands in quotes before a colon is every key, and now and then something else. A key with escapes, or one that
    is blanks away from its colon, has the text looked at once more.
    """
    keys = [before.rpartition(b'"')[2] for before in text.split(b'":')]
    keys.pop()
    if len(set(keys)) < len(keys) or b"\\" in b"".join(keys):
        return True
    return _GAP.search(text) is not None


class _Twice(dict[str, Any]):
    """An object with a key that stands twice."""

    def __init__(self, known: dict[str, Any], key: str) -> None:
        super().__init__(known)
        self.key = key


def _way_to(here: Any, wanted: _Twice) -> list[str | int]:
    """Return the place of an object that is inside another."""
    steps = list(here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ())
    for part, value in steps if here is not wanted else ():
        if value is wanted:
            return [part]
        if rest := _way_to(value, wanted):
            return [part, *rest]
    return []
