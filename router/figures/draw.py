"""A product-limit curve as SVG, made on the server: steps, their 95 % band, axes in days and percent. Pure.

Nothing in it runs or is fetched, it carries no style of its own (the page's policy forbids that), and takes the colour
of the text around it, so that it prints and shows by night. Beside each stands its table: none is the only source.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final
from xml.sax.saxutils import escape

from schemas.published import Step

_WIDTH: Final = 640
_HEIGHT: Final = 320
#: Where the axes stand.
_LEFT: Final = 48
_BOTTOM: Final = 36
_TOP: Final = 12
_RIGHT: Final = 12
_DAY: Final = 1440
#: So many days stand along the axis at most.
_TICKS: Final = 7
_SHARES: Final = (0, 25, 50, 75, 100)


def curve(steps: Sequence[Step], title: str, days: str) -> str:
    """Return the drawing of a curve. `title` and `days` are words in the reader's language, as plain text."""
    last = max(1, ceil(max((one.minutes for one in steps), default=0) / _DAY))
    line = _stairs([(one.minutes, one.survival) for one in steps], last)
    low = [(one.minutes, one.survival if one.low is None else one.low) for one in steps]
    high = [(one.minutes, one.survival if one.high is None else one.high) for one in steps]
    band = [*_stairs(high, last), *reversed(_stairs(low, last))]
    return (
        f'<svg class="curve" role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(_axes(last, days))}"
        f'<polygon points="{_points(band)}" fill="currentColor" fill-opacity="0.15"/>'
        f'<polyline points="{_points(line)}" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
    )


def _stairs(values: Sequence[tuple[int, float]], last: int) -> list[tuple[float, float]]:
    """Return the corners of a line that stays where it is until its next step."""
    corners, share = [_at(0, 1.0, last)], 1.0
    for minutes, after in values:
        corners += [_at(minutes, share, last), _at(minutes, after, last)]
        share = after
    return [*corners, _at(last * _DAY, share, last)]


def _at(minutes: int, share: float, last: int) -> tuple[float, float]:
    across, up = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return _LEFT + across * minutes / (last * _DAY), _TOP + up * (1 - share)


def _points(corners: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _axes(last: int, days: str) -> Iterable[str]:
    for share in _SHARES:
        x, y = _at(0, share / 100, last)
        yield _line((x, y), (_WIDTH - _RIGHT, y), 0.2)
        yield _text(x - 6, y + 4, f"{share}%", "end")
    every = ceil(last / _TICKS)
    for day in range(0, last + 1, every):
        x, y = _at(day * _DAY, 0.0, last)
        yield _line((x, y), (x, y + 5), 1)
        yield _text(x, y + 18, str(day), "middle")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 4, days, "middle")


def _line(start: tuple[float, float], end: tuple[float, float], opacity: float) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="currentColor" stroke-opacity="{opacity}"/>'


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="currentColor" text-anchor="{anchor}">{escape(said)}</text>'
    )
