"""Moments that others write: with an offset, or refused; and one instant is one value however it is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.acts import Hold


def until(text: str) -> datetime | None:
    return Hold.model_validate_json(f'{{"reason": "x", "until": {text}}}').until


@pytest.mark.parametrize(
    "text",
    [
        '"1122091200"',
        '"1122091200.5"',
        '"-1"',
        "1122091200",
        "1122091200.0",
        '"2026-11-22"',
        '"2026-11-22T08:00:00"',
        '"2026-11-22T08:00"',
        '"08:00:00Z"',
        '"yesterday"',
        '""',
    ],
)
def test_a_moment_without_date_time_and_offset_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        until(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_the_ends_of_the_calendar_are_moments(text: str) -> None:
    assert until(f'"{text}"') == datetime.fromisoformat(text)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - an offset is drawn beside it
    st.integers(-14 * 60, 14 * 60),
    st.integers(-14 * 60, 14 * 60),
)
def test_one_instant_is_one_value_whatever_its_offset(moment: datetime, one: int, other: int) -> None:
    instant = moment.replace(tzinfo=UTC)
    written = [_written(instant, minutes) for minutes in (one, other)]
    found = [Hold.model_validate_json(f'{{"reason": "x", "until": "{text}"}}') for text in written]
    assert found[0].model_dump_json() == found[1].model_dump_json()
    assert found[0].until == instant


def _written(instant: datetime, minutes: int) -> str:
    local = instant.replace(tzinfo=None) + timedelta(minutes=minutes)
    sign, left = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"{local.isoformat()}{sign}{left // 60:02}:{left % 60:02}"
