"""Every word that is printed is defined, and nobody gets what is not counted."""

import pytest

from router.errors import BadInput
from router.figures.count import SEVERAL
from router.figures.definitions import definitions
from schemas.countries import ALPHA2
from schemas.published import Audience

MEANT = definitions()


@pytest.mark.parametrize("audience", Audience)
def test_an_audience_gets_what_is_counted(audience: Audience) -> None:
    shown = MEANT.shown(audience)
    assert all(set(by) <= set(MEANT.measures[measure]) for measure, by in shown.items())
    assert set(shown) <= set(MEANT.means)


def test_everybody_gets_parts_only_so_that_what_is_hidden_can_be_judged_by_sums() -> None:
    assert not {one for by in MEANT.shown(Audience.PUBLIC).values() for one in by} & SEVERAL
    forbidden = {"source", "partner", "provider", "country", "notice"}
    assert not {one for by in MEANT.shown(Audience.PUBLIC).values() for one in by} & forbidden


def test_what_the_field_argues_about_is_defined() -> None:
    assert {"report", "url", "item", "referral", "received", "assessed", "actionable", "spam"} <= set(MEANT.means)
    assert len([one for one in MEANT.means if one.startswith("repeat_")]) == 3
    assert len(MEANT.eea) == 30
    assert MEANT.eea <= set(ALPHA2)


def test_a_version_that_there_is_not() -> None:
    with pytest.raises(BadInput, match="v1"):
        definitions("v0")
