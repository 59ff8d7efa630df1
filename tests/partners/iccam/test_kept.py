"""What is kept of a referral is read back as it was, and each step has its code."""

from datetime import timedelta

import pytest

from router.partners.base import Progress
from router.partners.iccam.kept import (
    ASKED,
    GATHERING,
    GIVEN,
    READY,
    REPORTED,
    TOLD,
    gathering_of,
    progress_of,
    standing_of,
)
from router.partners.iccam.standing import Gathering, Standing
from tests.partners.iccam.stage import START

BASE = Standing(report=900_001, target="NL", reported_at=START)


@pytest.mark.parametrize(
    ("change", "code"),
    [({}, REPORTED), ({"told": True}, TOLD), ({"told": True, "asked_at": START}, ASKED), ({"given": True}, GIVEN)],
)
def test_a_standing_is_kept_under_the_step_that_is_done(change: dict[str, object], code: str) -> None:
    standing = BASE.model_copy(update=change)
    progress = progress_of(standing)
    assert (progress.step, progress.said) == (code, {"report": "900001", "country": "NL"})
    assert standing_of(progress) == standing
    assert gathering_of(progress) is None


def test_what_was_reported_with_it_is_kept_and_not_said() -> None:
    standing = BASE.model_copy(update={"others": {"r-2": "https://a.test/1"}, "siblings": (7,), "source": False})
    progress = progress_of(standing)
    assert standing_of(progress) == standing
    assert "a.test" not in f"{progress.said} {progress!r}"


def test_what_gathers_has_nothing_at_the_hub() -> None:
    gathering = Gathering(due=START + timedelta(minutes=1), alone=True)
    progress = progress_of(gathering)
    assert (progress.step, progress.said) == (GATHERING, {"at": "2026-11-29 10:01 UTC"})
    assert gathering_of(progress) == gathering
    assert standing_of(progress) is None
    ready = progress_of(gathering.model_copy(update={"ready": True}))
    assert (ready.step, gathering_of(ready), standing_of(ready)) == (
        READY, gathering.model_copy(update={"ready": True}), None,
    )  # fmt: skip


def test_nothing_kept_is_nothing() -> None:
    assert (standing_of(None), gathering_of(None)) == (None, None)


def test_what_was_kept_before_there_were_others_is_read() -> None:
    """A database may hold what an older version wrote."""
    old = b'{"report":900001,"target":"NL","hosted_in":null,"reported_at":"2026-11-29T10:00:00Z","placed":[7000002]}'
    found = standing_of(Progress(TOLD, old))
    assert found is not None
    assert (found.source, found.url, found.others, found.placed) == (True, None, {}, (7_000_002,))
