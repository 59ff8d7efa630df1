import pytest
from pydantic import ValidationError

from schemas.people import Known, MandateGiven


@pytest.mark.parametrize(
    "wrong", ['{"until": 20261231}', '{"until": "tomorrow"}', "{}", '{"until": "2026-12-31", "x": 1}']
)
def test_a_mandate_names_a_day(wrong: str) -> None:
    with pytest.raises(ValidationError):
        MandateGiven.model_validate_json(wrong)


def test_codes_are_told_apart() -> None:
    assert len({str(one) for one in Known}) == len(Known)
