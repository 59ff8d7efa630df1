"""What a later version of a peer says, split into what this version reads and what it does not.

A protocol grows by optional fields and by new words of a vocabulary. Neither may cost the rest: a field that we do not
know changes nothing that we do, and a word that we do not know is no word of ours. What was not read is given back as
it stood, so that it can be kept.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, get_args

from pydantic import BaseModel

from schemas.vocabulary import Assessment, Urgency

#: What can be a word of somebody's vocabulary; other text in its place is a mistake, and is refused as one.
WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
#: What stands in for a word that we do not know where leaving it out would be the wrong way round: who calls it urgent
#: in a new way still means urgent, and an unknown finding is for people to make anew.
INSTEAD: Final[Mapping[type[Enum], Enum]] = {
    Urgency: Urgency.IMMINENT_RISK,
    Assessment: Assessment.UNASSESSED,
}
_NOTHING: Final = object()


def superset(given: Mapping[str, Any], word: type[BaseModel]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return of an object of JSON what `word` has a place for, and the rest with its own places.

    The former may still be wrong (a number for a text): that is for validation to say.
    """
    known: dict[str, Any] = {}
    unread: dict[str, Any] = {}
    for name, value in given.items():
        field = word.model_fields.get(name)
        read, rest = (_NOTHING, value) if field is None else _split(value, field.annotation)
        if read is _NOTHING and field is not None and field.is_required():
            read = value  # without it there is nothing to read: validation names it
        if read is not _NOTHING:
            known[name] = read
        if rest is not _NOTHING:
            unread[name] = rest
    return known, unread


def _split(value: Any, annotation: Any) -> tuple[Any, Any]:
    """Return what is read of a value and what is not; `_NOTHING` for either."""
    kinds = list(_kinds(annotation))
    if isinstance(value, dict) and (model := _of(kinds, BaseModel)) is not None:
        known, unread = superset(value, model)
        return known, unread or _NOTHING
    if isinstance(value, list):
        pairs = [_split(one, annotation) for one in value]
        kept = [read for read, _ in pairs if read is not _NOTHING]
        rest = {str(at): one for at, (_, one) in enumerate(pairs) if one is not _NOTHING}
        return kept, rest or _NOTHING
    enum = _of(kinds, Enum)
    if enum is None or str in kinds or not isinstance(value, str) or not WORD.fullmatch(value):
        return value, _NOTHING
    if value in {one.value for one in enum}:
        return value, _NOTHING
    instead = INSTEAD.get(enum)
    return (_NOTHING if instead is None else instead.value), value


def _kinds(annotation: Any) -> Any:
    """Yield every class that an annotation names, inside tuples, unions and `Annotated`."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def _of(kinds: list[type], base: type) -> Any:
    return next((kind for kind in kinds if issubclass(kind, base)), None)
