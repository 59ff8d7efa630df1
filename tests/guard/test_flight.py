"""What a failure means, for what `test_egress` cannot bring about with a server."""

import pytest

from router.errors import EgressRefused, NoAnswer, NotSent
from router.guard.flight import Flight, failure, watch


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TimeoutError(), "timeout"), (OSError("canary"), "broken_off"), (NoAnswer(reason="too_long"), "too_long")],
)
def test_once_it_left_it_may_have_arrived(error: Exception, reason: str) -> None:
    found = failure(error, Flight(left=True, http_status=503))
    assert isinstance(found, NoAnswer)
    assert (found.reason, found.http_status) == (reason, 503)
    assert "canary" not in found.message


@pytest.mark.parametrize("error", [EgressRefused(reason="not_public"), NotSent(reason="dns")])
def test_our_own_refusals_pass_through(error: EgressRefused | NotSent) -> None:
    assert failure(error, Flight()) is error


@pytest.mark.parametrize(("error", "reason"), [(TimeoutError(), "timeout"), (ValueError("canary"), "connect")])
def test_before_it_left_nothing_was_sent(error: Exception, reason: str) -> None:
    found = failure(error, Flight())
    assert isinstance(found, NotSent)
    assert found.reason == reason
    assert "canary" not in found.message


def test_the_watch_listens_to_the_moment_before_the_first_byte() -> None:
    assert len(watch().on_request_headers_sent) == 1
