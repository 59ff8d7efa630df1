"""What an entry of the audit chain says beside its act: codes and counts, as values and as English text."""

import json
from collections.abc import Mapping
from typing import Any, Final

from router.store.base import Row

#: In an entry this is only the id of what a person typed, which stays sealed.
_TYPED: Final = "typed"


def parsed(row: Row) -> dict[str, Any] | None:
    """Return the detail of an entry, None for one that is not what was written; `audit verify` says which."""
    try:
        detail = json.loads(row["detail"])
    except (ValueError, TypeError):
        return None
    return detail if isinstance(detail, dict) else None


def known(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, without what it leaves open: nothing, an empty text, an empty list."""
    return {name: value for name, value in detail.items() if name != _TYPED and value not in (None, [], "", {})}


def in_words(said: Mapping[str, Any]) -> str:
    """Return `name: value` for each value in English, as the API and the command line show it."""
    return ", ".join(f"{name}: {_shown(value)}" for name, value in said.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return str(value)
