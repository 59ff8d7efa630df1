"""What a sentence was made from: the template that made it, and what was filled in, read back from its text."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

#: What is filled in under these names has a form by which it is known; all else may be anything.
_FORMS: Final = {
    "choice": r"['\d].*",
    "number": r"\d\S*",
    "line": r"\d+",
    "column": r"\d+",
    "country": "[A-Z]{2}",
    "day": r"\d{4}-\d\d-\d\d",
}


def filled(text: str, templates: Iterable[str]) -> tuple[str, Mapping[str, str]] | None:
    """Return the first template that makes a text, and what is filled in, by its names; None where none does."""
    for template in templates:
        found = _shape(template).fullmatch(text)
        if found is not None:
            return template, found.groupdict()
    return None


@cache
def _shape(template: str) -> re.Pattern[str]:
    """Return what every sentence made from a template looks like."""
    whole = re.escape(template).replace(r"\{\{", "{{").replace(r"\}\}", "}}")
    shape = re.sub(r"\\\{(\w+)\\\}", lambda name: f"(?P<{name[1]}>{_FORMS.get(name[1], '.+?')})", whole)
    return re.compile(shape.replace("{{", r"\{").replace("}}", r"\}"), re.DOTALL)
