"""An alarm's record is closed: what is not one of its few fields cannot be said."""

import pytest
from pydantic import ValidationError

from router.casework.alarm.record import is_critical, record
from router.casework.alarm.sentences import SENTENCES
from schemas.alarm import AlarmRecord, AlarmSettings, HouseCode, Severity
from schemas.casefile import DeskCode

ROW = {"case_id": None, "code": HouseCode.TEST, "placed_at": 0, "resolved_at": None, "count": 1}


def test_nothing_else_can_be_said() -> None:
    said = record(ROW, None, AlarmSettings(), me="hotline-be", console=None)
    assert (said.severity, said.link, said.case) == (Severity.INFO, None, None)
    with pytest.raises(ValidationError):
        AlarmRecord.model_validate({**said.model_dump(), "host": "example.test"})


def test_a_case_and_what_hides_one_are_critical() -> None:
    assert is_critical({"case_id": "c", "code": "unknown"})
    assert is_critical({"case_id": None, "code": HouseCode.MANY})
    assert not is_critical({"case_id": None, "code": HouseCode.OVERDUE})


@pytest.mark.parametrize("code", DeskCode)
def test_what_rings_for_a_case_never_says_that_its_time_is_over(code: DeskCode) -> None:
    """It rings the moment that it is asked, since a child may be in danger."""
    row = ROW | {"case_id": "c", "code": code}
    said = record(row, None, AlarmSettings(), me="hotline-be", console=None)
    assert said.severity is Severity.CRITICAL
    assert said.summary != SENTENCES["en"]["RouterDeskDue"]
