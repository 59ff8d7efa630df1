"""How far the stated confidence is from the share that is right: one number, and a picture of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Upper ends of the bins. Finer where most answers are and where the decision falls.
BINS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Point:
    """One answer: how sure it said it was, and whether it was right."""

    stated: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same stated confidence."""

    stated: float  #: mean
    right: float  #: share
    count: int


def bins(points: Iterable[Point]) -> list[Bin]:
    """Sort answers into `BINS`, leaving out empty ones."""
    sorted_in: dict[float, list[Point]] = {}
    for point in points:
        sorted_in.setdefault(next(end for end in BINS if point.stated <= end), []).append(point)
    return [_bin(members) for _, members in sorted(sorted_in.items())]


def calibration_error(points: Sequence[Point]) -> float:
    """Return the expected calibration error (0 to 1): the mean distance of stated and true share, by answers."""
    return _mean_distance(bins(points))


def by_value(parts: Iterable[Sequence[Point]]) -> float:
    """Return the same where the bins are given: what is known to be stated alike."""
    return _mean_distance([_bin(members) for members in parts if members])


def _mean_distance(found: Sequence[Bin]) -> float:
    answers = sum(one.count for one in found)
    return sum(one.count * abs(one.stated - one.right) for one in found) / answers if answers else 0.0


def _bin(members: Sequence[Point]) -> Bin:
    count = len(members)
    return Bin(sum(p.stated for p in members) / count, sum(p.right for p in members) / count, count)


_SIZE, _LEFT, _TOP = 420, 60, 40
_COLOURS = ("#1f5fa8", "#b3541e")


def draw(series: Mapping[str, Sequence[Point]], file: Path, title: str) -> None:
    """Write the reliability diagram as SVG: a dot a bin, its area the number of answers; on the line both agree."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE + 2 * _LEFT} {_SIZE + 120}" role="img"',
        ' font-family="sans-serif">',
        f"<title>{title}</title>",
        f'<text x="{_LEFT}" y="20" font-size="13">{title}</text>',
        *_axes(),
        *(mark for index, name in enumerate(series) for mark in _marks(index, name, series[name])),
        "</svg>\n",
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(parts), encoding="utf-8")


def _axes() -> list[str]:
    lines = [f'<path d="M{_x(0)} {_y(0)} L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4 4" />']
    lines.append(f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#444" />')
    for tenth in range(0, 11, 2):
        at = tenth / 10
        lines.append(f'<text x="{_x(at)}" y="{_y(0) + 16}" font-size="11" text-anchor="middle">{at:.1f}</text>')
        lines.append(f'<text x="{_LEFT - 8}" y="{_y(at) + 4}" font-size="11" text-anchor="end">{at:.1f}</text>')
    lines.append(f'<text x="{_x(0.5)}" y="{_y(0) + 34}" font-size="12" text-anchor="middle">stated confidence</text>')
    middle = f'transform="rotate(-90 16 {_y(0.5)})"'
    lines.append(f'<text x="16" y="{_y(0.5)}" font-size="12" text-anchor="middle" {middle}>share right</text>')
    return lines


def _marks(index: int, name: str, points: Sequence[Point]) -> list[str]:
    colour = _COLOURS[index % len(_COLOURS)]
    marks = [
        f'<circle cx="{_x(found.stated):.1f}" cy="{_y(found.right):.1f}" r="{_radius(found, len(points))}" '
        f'fill="{colour}" fill-opacity="0.55"><title>{name}: {found.count} answers</title></circle>'
        for found in bins(points)
    ]
    label = f"{name}: {len(points)} answers, calibration error {100 * calibration_error(points):.1f} %"
    marks.append(f'<text x="{_LEFT}" y="{_y(0) + 54 + 16 * index}" font-size="12" fill="{colour}">{label}</text>')
    return marks


def _radius(found: Bin, answers: int) -> str:
    return f"{3 + (found.count / answers) ** 0.5 * 18:.1f}"


def _x(value: float) -> float:
    return _LEFT + value * _SIZE


def _y(value: float) -> float:
    return _TOP + (1 - value) * _SIZE
