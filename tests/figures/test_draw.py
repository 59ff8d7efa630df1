"""A drawing is well-formed, stays within its frame, falls as its curve does, and runs nothing."""

from math import inf
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from router.figures.draw import curve
from router.figures.survival import Lived, product_limit

LIVES = st.lists(st.builds(Lived, st.integers(0, 90_000), st.booleans()), max_size=40)
SVG = "{http://www.w3.org/2000/svg}"


def corners(tree: ET.Element, shape: str) -> list[tuple[float, float]]:
    (found,) = tree.iter(f"{SVG}{shape}")
    return [(float(x), float(y)) for x, _, y in (one.partition(",") for one in found.attrib["points"].split())]


@given(LIVES)
def test_a_curve_falls_within_its_frame(lives: list[Lived]) -> None:
    steps = product_limit(lives)
    tree = ET.fromstring(curve(steps, "share", "days"))  # noqa: S314 - our own
    line = corners(tree, "polyline")
    assert len(line) == 2 + 2 * len(steps)
    assert line == sorted(line, key=lambda at: (at[0], at[1])), "to the right, and never up"
    for x, y in [*line, *corners(tree, "polygon")]:
        assert 0 <= x <= 640 < inf
        assert 0 <= y <= 320


def test_words_are_text_and_nothing_runs() -> None:
    drawn = curve((), "<script>alert(1)</script>", "jours & nuits")
    tree = ET.fromstring(drawn)  # noqa: S314 - our own
    assert {one.tag.removeprefix(SVG) for one in tree.iter()} == {"svg", "title", "line", "text", "polygon", "polyline"}
    assert "style=" not in drawn
    assert "href" not in drawn
