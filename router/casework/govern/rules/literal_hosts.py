"""A policy names no host in clear: its text is kept for ever, in every version, and read by whoever reads rules.

Judged where a policy is checked and before it is published, and not when one in force is read: that one stays in force.
A condition that should be an index is refused when it is read (`schemas/site`); this is about all that people write
beside it: names, reasons and remarks.
"""

import re
from collections.abc import Iterator
from typing import Final

from router.errors import PolicyInvalid
from router.guard.mask import locations
from schemas.policy import PolicyProblem

_TEXT: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
#: What people name, and give as a reason: a line each.
_SAID: Final = re.compile(r"\s*(name|reason)\s*=\s*(.*)")
#: What looks like a host or an address and is none: names of files, times of day.
_NONE: Final = re.compile(r"[\w./-]+\.(?:md|toml|json|py)\.?|\d{1,2}:\d\d:\d\d", re.IGNORECASE)
_WORDS: Final = (
    "this looks like a location; a policy names no host in clear, since its versions are kept for ever: "
    "name the host by its index in `host_index`, and say in words why"
)


def check_no_location(text: str) -> None:
    """Raise PolicyInvalid with every name, reason or remark of a policy that looks like a location.

    What is no TOML is left to whoever reads it as a policy.
    """
    if found := list(_found(text)):
        listed = "".join(f"\n  {one}" for one in found)
        raise PolicyInvalid(f"The policy names a location:{listed}", field=found[0].place, problems=found)


def _found(text: str) -> Iterator[PolicyProblem]:
    for number, line in enumerate(text.splitlines(), start=1):
        _, _, remark = _TEXT.sub("", line).partition("#")
        said = _SAID.match(line)
        if _is_one(remark) or (said is not None and _is_one(said[2])):
            yield PolicyProblem(line=number, place=said[1] if said is not None else "remark", text=_WORDS)


def _is_one(text: str) -> bool:
    return any(not _NONE.fullmatch(one) for one in locations(text))
