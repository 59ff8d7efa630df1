"""The guard's way out is the one this room asks for."""

import inspect

from router.guard.egress import Egress
from router.hosting.fetch import Fetch


def test_the_guard_takes_what_this_room_gives() -> None:
    assert inspect.signature(Egress.request).parameters.keys() == inspect.signature(Fetch.request).parameters.keys()
    assert inspect.iscoroutinefunction(Egress.request)


def test_a_request_needs_its_bounds() -> None:
    parameters = inspect.signature(Fetch.request).parameters
    for name in ("deadline", "cap", "purpose"):
        assert parameters[name].default is inspect.Parameter.empty
