"""The guard's way out is the one this room asks for."""

import inspect

from router.guard.egress import Egress
from router.hosting.fetch import Fetch


def test_the_guard_takes_what_this_room_gives() -> None:
    taken, given = inspect.signature(Egress.request).parameters, inspect.signature(Fetch.request).parameters
    assert taken.keys() >= given.keys()
    beyond = [taken[name].default for name in taken.keys() - given.keys()]  # for partners only
    assert inspect.Parameter.empty not in beyond
    assert inspect.iscoroutinefunction(Egress.request)


def test_a_request_needs_its_bounds() -> None:
    parameters = inspect.signature(Fetch.request).parameters
    for name in ("deadline", "cap", "purpose"):
        assert parameters[name].default is inspect.Parameter.empty
