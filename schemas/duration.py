"""A span of time as an operator writes it, in a policy and in settings: "15m", "24h", "5d"."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(given: Any) -> timedelta:
    """Return the time that "15m", "24h" or "5d" means. Raise ValueError for anything else."""
    if isinstance(given, timedelta):
        return given
    found = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if not found:
        raise ValueError("write a time as a whole number and one of s, m, h, d, in quotes, such as '15m' or '5d'")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
