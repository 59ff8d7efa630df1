"""A sample of what `python -m tests.attack.costs` asks: seconds, on a real server; and that it asks everywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attack import shapes
from tests.attack.costs import KIB, LIMITS, Attack, Endpoint, bound, document, endpoints
from tests.attack.server import Cost, Server, serving

SIZE = 64 * KIB
#: What cost most when it was found, by endpoint.
SAMPLE = {
    "POST /v1/reports": (
        "many keys",
        "items: many objects",
        "items.0.ways_in.steps: many as wanted",
        "good items: login",
    ),
    "POST /v1/reports/batch": ("wrong items", "empty objects by line", "short lines"),
    "POST /v1/policy/replay": ("text: dotted keys", "text: open tables"),
    "POST /v1/partners": ("partners: many objects", "deep objects"),
    "POST /v1/inbox/referrals": ("referrals: many as wanted", "half letters"),
    "POST /v1/alarm": ("webhook: many objects",),
    "POST /cases/{case_id}/{act}": ("form of pairs", "form of escapes", "reason: escapes", "reason: many"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("attacked")) as running:
        yield running


@pytest.mark.timeout(180)
def test_nothing_of_one_request_costs_more_than_its_size_allows(server: Server) -> None:
    told = document(server)
    attack = Attack(server, told)
    known = {one.name: one for one in endpoints(told)}
    over = {}
    for name, wanted in SAMPLE.items():
        one = known[name]
        token, empty = attack.admitted(one)
        most, made = bound(one, SIZE), attack.shapes(one, one.limit if one.is_console else SIZE)
        for shape in wanted:
            cost = attack.ask(one, token, made[shape](min(SIZE, one.limit)))
            failed = {0, 500} if one.is_console else {0, 401, 403, 500}
            assert cost.status not in failed, (name, shape, cost)
            if cost.cpu - empty.cpu > most.cpu or cost.memory - empty.memory > most.memory or cost.answer > most.answer:
                over[name, shape] = cost
    assert over == {}


def test_every_endpoint_is_asked(server: Server) -> None:
    told = document(server)
    found = list(endpoints(told))
    paths = {one.path for one in found}
    assert set(LIMITS) < paths
    assert {"/v1/inbox/referrals", "/metrics", "/readyz", "/openapi.json"} < paths
    assert len([one for one in found if one.is_console]) > 10
    assert len(found) > 80
    assert all("{" not in one.url(server) for one in found)


def test_who_may_ask_is_found_for_each(server: Server) -> None:
    told = document(server)
    attack = Attack(server, told)
    asked = [one for one in endpoints(told) if not one.is_console]
    refused = {one.name for one in asked if attack.admitted(one)[1].status in {0, 401, 403, 500}}
    # links are made on the machine only; to sign in takes a name and a password, and no token
    assert refused == {"POST /v1/accounts/{name}/invite", "POST /v1/signin"}


def test_a_cost_is_measured(server: Server) -> None:
    """Without this, a server that is never met would stay within every bound."""
    one = Endpoint("POST", "/v1/reports/batch", None, "application/x-ndjson")
    attack = Attack(server, document(server))
    cost = attack.ask(one, attack.admitted(one)[0], shapes.reports(8 * SIZE))
    assert cost.status == 200
    assert cost.cpu > 0.05
    assert cost.answer > SIZE
    assert isinstance(cost, Cost)


@pytest.mark.parametrize("name", sorted({*shapes.PLAIN, *shapes.LINES}))
@pytest.mark.parametrize("size", [SIZE, 1024 * KIB])
def test_a_shape_has_the_size_that_it_is_to_have(name: str, size: int) -> None:
    made = {**shapes.PLAIN, **shapes.LINES}[name](size)
    assert size * 0.6 <= len(made) <= size


def test_fields_are_made_hostile_where_they_stand() -> None:
    schema = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "all": {"type": "array", "items": {"type": "string"}}},
    }
    made = shapes.of_schema(schema, {})
    assert made["text: letters"](100) == b'{"text": "' + b"x" * 74 + b'", "all": ["x"]}'
    assert made["all: many numbers"](40).startswith(b'{"text": "x", "all": [0,0,')
    assert Path(__file__).with_name("costs.json").exists()
