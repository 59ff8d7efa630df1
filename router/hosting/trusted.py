"""Build words from values that our own data vouch for, without validating them again.

A verdict holds six words, and validating them took half of its time. What stands in a shipped set was checked when
the set was compiled (`router/data/packages.py` drops what is no country), so here a word's fields are put in place as
they are. Values from anywhere else go through the model's own constructor.
"""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)


@cache
def _names(model: type[BaseModel]) -> set[str]:
    """One set for all instances: a frozen word never changes its own, and copies get a copy."""
    return set(model.model_fields)


_new = object.__new__
_set = object.__setattr__


def trusted(model: type[_Model], fields: dict[str, Any]) -> _Model:
    """Return an instance with exactly these fields: all of the model's, in its order, of the right types."""
    word = _new(model)
    # The four slots that pydantic's own `model_construct` fills; the test compares the two, field by field.
    _set(word, "__dict__", fields)
    _set(word, "__pydantic_fields_set__", _names(model))
    _set(word, "__pydantic_extra__", None)
    _set(word, "__pydantic_private__", None)
    return word
