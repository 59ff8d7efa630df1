"""What is kept between turns survives being written down."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from router.partners.iccam.progress import Progress

MOMENTS = st.none() | st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
NUMBERS = st.none() | st.integers(1, 2**53)


@given(
    st.builds(
        Progress,
        doubt_since=MOMENTS,
        looked=st.lists(st.integers(1, 2**53)).map(tuple),
        report=NUMBERS,
        content=NUMBERS,
        reported_at=MOMENTS,
        asked=st.sampled_from([None, "NL", "DE"]),
        asked_at=MOMENTS,
    )
)
def test_progress_is_read_as_it_was_written(progress: Progress) -> None:
    assert Progress.model_validate_json(progress.model_dump_json()) == progress


def test_a_referral_begins_with_nothing() -> None:
    assert Progress().model_dump(exclude_defaults=True) == {}


@pytest.mark.parametrize("wrong", [{"report": "x"}, {"asked": "Netherlands"}, {"surprise": 1}])
def test_progress_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Progress.model_validate(wrong)
