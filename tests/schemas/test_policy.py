from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.duration import parse_duration
from schemas.policy import Policy, PolicyProblem, Route, When
from schemas.vocabulary import Urgency


def route(**given: Any) -> Route:
    return Route.model_validate({"name": "x", "to": ("desk",), **given})


def test_conditions_are_what_was_written_in_the_order_of_the_facts() -> None:
    when = When(path=True, moved=False, urgency=(Urgency.LIVE,))
    assert [key for key, _ in when.conditions] == ["urgency", "moved", "path"]
    assert When().conditions == ()


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ({"to": ("police",)}, True),
        ({"to": ("desk", "police")}, False),
        ({"to": ("desk", "police"), "proposal": False}, True),
        ({"to": ("police",), "copy": True}, False),
        ({}, False),
        ({"proposal": False}, True),
        ({"copy": True}, False),
    ],
)
def test_a_walk_ends_where_somebody_receives(given: dict[str, Any], ends: bool) -> None:
    assert route(**given).ends_the_walk is ends


@pytest.mark.parametrize(
    "given",
    [
        {"name": "root"},
        {"to": ("police", "police")},
        {"to": ("police",), "hold": "48h"},
        {"to": ("police",), "alarm": "15m"},
        {"to": ("police",), "proposal": False},
        {"copy": True, "proposal": False},
        {"to": ()},
        {"to": ("hotline:UK",)},
        {"to": ("hotline:",)},
        {"to": ("Desk",)},
        {"why": "x"},
    ],
)
def test_a_route_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        route(**given)


def test_a_time_that_was_read_stays_as_it_is() -> None:
    assert parse_duration(timedelta(hours=1)) == timedelta(hours=1)
    assert parse_duration("90m") == timedelta(minutes=90)
    with pytest.raises(ValueError, match="whole number"):
        parse_duration(90)


def test_a_policy_is_frozen() -> None:
    with pytest.raises(ValidationError):
        route().name = "y"  # type: ignore[misc]  # that it cannot be done is what is tested


def test_no_policy_shares_its_bars_with_another() -> None:
    given = {"version": 1, "home": "BE", "routes": (route(),), "tests": ({"given": {}, "expect": ("desk",)},)}
    one, other = Policy.model_validate(given), Policy.model_validate(given)
    assert one.barred == {}
    assert one.barred is not other.barred


def test_a_problem_is_one_line() -> None:
    assert str(PolicyProblem(line=3, place="home", text="is wrong")) == "line 3, home: is wrong"
    assert str(PolicyProblem(place="home", text="is missing")) == "home: is missing"


@pytest.mark.parametrize(("asked", "sure_from"), [((), 0.9), ((0.8,), 0.8), ((0.8, None, 0.95), 0.95)])
def test_a_country_is_sure_from_the_most_that_a_route_asks(asked: tuple[float | None, ...], sure_from: float) -> None:
    routes = tuple(route(name=f"r{number}", when=When(confidence_below=below)) for number, below in enumerate(asked))
    policy = Policy.model_construct(routes=routes)
    assert policy.sure_from == sure_from
