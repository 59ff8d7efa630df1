"""What is kept between turns survives being written down."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from router.partners.iccam.standing import Standing

MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
NUMBERS = st.integers(1, 2**53)


@given(
    st.builds(
        Standing,
        report=NUMBERS,
        content=st.none() | NUMBERS,
        target=st.sampled_from(["NL", "DE"]),
        hosted_in=st.sampled_from([None, "NL", "MD"]),
        reported_at=MOMENTS,
        asked_at=st.none() | MOMENTS,
    )
)
def test_a_standing_is_read_as_it_was_written(standing: Standing) -> None:
    assert Standing.model_validate_json(standing.model_dump_json()) == standing


@pytest.mark.parametrize("wrong", [{"report": "x"}, {"target": "Netherlands"}, {"surprise": 1}, {"reported_at": None}])
def test_a_standing_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Standing.model_validate({"report": 1, "target": "NL", "reported_at": "2026-11-29T10:00:00Z"} | wrong)
