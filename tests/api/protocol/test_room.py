from contextlib import suppress
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from router.api.protocol.room import Room, Share, share_of
from router.errors import Unavailable

CALLERS = ("a", "b", "c")


@given(st.lists(st.tuples(st.sampled_from(CALLERS), st.integers(1, 60) | st.none())))
def test_nobody_ever_holds_more_than_there_is_and_all_of_it_comes_back(steps: list[tuple[str, int | None]]) -> None:
    room = Room(most=100, most_of_one=50)
    shares = {name: Share(room, name) for name in CALLERS}
    for name, size in steps:
        if size is None:
            shares[name].give()
        else:
            with suppress(Unavailable):
                shares[name].take(size)
        assert room.held == sum(share.held for share in shares.values()) <= 100
        assert max(share.held for share in shares.values()) <= 50
    for share in shares.values():
        share.give()
    assert (room.held, dict(room._of)) == (0, {})


def test_who_is_refused_is_told_when_to_come_again() -> None:
    share = Share(Room(most=10, most_of_one=10), "a")
    with pytest.raises(Unavailable) as caught:
        share.take(11)
    assert (caught.value.reason, caught.value.retry_after) == ("too_many_bodies", 5)
    assert share.held == 0


def test_a_share_is_in_the_name_of_whoever_is_known() -> None:
    scope: dict[str, Any] = {"type": "http", "headers": [], "state": {}}
    request = Request(scope)
    assert share_of(request).caller == "nobody"
    request.state.actor = type("Actor", (), {"id": "source:form"})()
    assert share_of(request) is share_of(request)
    assert share_of(request).caller == "source:form"
