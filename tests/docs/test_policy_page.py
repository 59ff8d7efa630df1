"""The page on policies explains each reason by which the shipped ones decide, and each for there being no host."""

import tomllib
from pathlib import Path

import pytest

from router.data.policies import BELGIAN_PROTOCOL, PLAIN
from router.hosting.trace_notes import NO_HOST, NOTES, OUTCOMES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [*NO_HOST, "link_wrapper", "serves_copy", "inner_unknown", "shortener"])
def test_each_reason_for_not_being_the_host_is_explained(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("policy", [BELGIAN_PROTOCOL, PLAIN])
def test_each_reason_that_a_route_asks_for_exists(policy: Path) -> None:
    routes = tomllib.loads(policy.read_text(encoding="utf-8"))["route"]
    asked = {code for route in routes for code in route.get("when", {}).get("reasons", [])}
    assert asked
    assert asked <= {*NO_HOST, *NOTES, *OUTCOMES, "fast_flux", "origin_unknown"}
