"""Facts as a person types them, `key=value` each, to ask a policy what it would do."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from router.errors import BadInput
from router.policy.load import completed
from schemas.facts import Facts
from schemas.problem import reworded
from schemas.word import Country

#: Facts with several values: typed with commas between them.
_SEVERAL: Final = frozenset(name for name, field in Facts.model_fields.items() if "tuple" in str(field.annotation))


def facts_given(typed: Sequence[str], home: Country) -> Facts:
    """Return the facts of "hosting_country=NL", "confidence=0.98", "flags=carries_email,carries_session", ...

    What is not typed has the default of `Facts`, and "home" is our country. Raise BadInput that names the fact.
    """
    given: dict[str, Any] = {}
    for one in typed:
        key, equals, value = one.partition("=")
        if not equals or key not in Facts.model_fields:
            raise BadInput(_unknown(key, said=bool(equals)), field=key)
        given[key] = value.split(",") if key in _SEVERAL else value
    try:
        return Facts.model_validate(completed(given, home))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key, words = str(first["loc"][0]), reworded(first["type"], first["msg"])
        raise BadInput(f"The fact `{key}` cannot be read: {words}.", field=key) from None


def _unknown(key: str, *, said: bool) -> str:
    if not said:
        return f"Write a fact as key=value, such as hosting_country=NL; `{key}` has no value."
    close = get_close_matches(key, Facts.model_fields, n=1)
    return f"There is no fact `{key}`; " + (
        f"did you mean `{close[0]}`?" if close else f"there are {', '.join(Facts.model_fields)}."
    )
