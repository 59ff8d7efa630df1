from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.signin import SignInSettings


def test_a_session_lasts_a_shift_and_ends_when_nobody_uses_it() -> None:
    assert SignInSettings() == SignInSettings(idle=timedelta(minutes=30), shift=timedelta(hours=12))
    assert SignInSettings.model_validate({"idle": "20m", "shift": "8h"}).shift == timedelta(hours=8)


@pytest.mark.parametrize("wrong", [{"idle": "0s"}, {"idle": "3h"}, {"shift": "2d"}, {"shift": "forever"}, {"x": 1}])
def test_nobody_sets_one_that_never_ends(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SignInSettings.model_validate(wrong)
