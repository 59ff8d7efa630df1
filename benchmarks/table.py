"""One row of the table of what must be reached; every row stands beside a limit that was measured in the same run."""

from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

#: Units of which less is better.
_LESS = frozenset({"ms", "s", "MB"})


def row(name: str, value: float, unit: str, limit: tuple[str, float] | None = None, target: float | None = None) -> Row:
    """Return one line of `results.json`. A time or a size is to stay below its target, a rate to reach it."""
    limit_name, at_most = limit or (None, None)
    ok = None if target is None else (value <= target if unit in _LESS else value >= target)
    return {
        "name": name,
        "value": _short(value),
        "unit": unit,
        "limit_name": limit_name,
        "limit": None if at_most is None else _short(at_most),
        "ratio": round(value / at_most, 3) if at_most else None,
        "target": target,
        "ok": ok,
    }


def _short(value: float) -> float:
    return round(value, 1) if abs(value) < 1000 else round(value)
