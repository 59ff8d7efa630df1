"""Members of JSON that somebody else wrote: read as far as they make sense, whatever their shape; nothing raises."""

from collections.abc import Iterator, Mapping
from typing import Any


def dicts(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list; an object alone is taken for a list of one."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, dict):
            yield one


def texts(value: object) -> Iterator[str]:
    """Yield the texts of a list; a text alone is taken for a list of one."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str):
            yield one


def words(value: object) -> set[str]:
    """Return the words of a text or a list of texts, in lower case."""
    return {word for text in texts(value) for word in text.lower().split()}
