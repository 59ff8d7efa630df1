"""Every recorded exchange of the public client, played in its order over TLS against a hub set to its scenario."""

from collections.abc import Mapping
from typing import Any

import pytest

from router.world.iccam.hub import Hub
from tests.world.iccam.caller import Caller
from tests.world.iccam.scenarios import DIFFERENT, SETUPS, Exchange, scenarios

TOKENS = ("bearerToken", "refreshToken")


class Player:
    """Plays one scenario: puts the hub's tokens where the recorded ones stood, and takes them out of answers again."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._live: dict[str, str] = {}  # recorded token -> the hub's

    async def play(self, exchange: Exchange) -> tuple[int, Any]:
        headers = {name: self._with_live(value) for name, value in exchange.headers.items() if name != "content-length"}
        target = f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path
        body = self._with_live(exchange.raw_body).encode()
        said = await self._caller.raw(exchange.method, target, headers, body)
        return said.status, self._as_recorded(said.body, exchange.body)

    def _with_live(self, text: str) -> str:
        for recorded, live in self._live.items():
            text = text.replace(recorded, live)
        return text

    def _as_recorded(self, body: Any, recorded: Any) -> Any:
        if not (isinstance(recorded, Mapping) and "bearerToken" in recorded):
            return body
        self._live |= {recorded[name]: body[name] for name in TOKENS}
        return {**body, **{name: recorded[name] for name in TOKENS}}


def shape(value: Any) -> Any:
    """The kinds of a JSON value: fields by name, a list by the distinct kinds of its rows."""
    if isinstance(value, Mapping):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        kinds: list[Any] = []
        for part in value:
            if shape(part) not in kinds:
                kinds.append(shape(part))
        return kinds
    return type(value).__name__


def test_the_transcripts_are_whole() -> None:
    assert len(SETUPS) == 23
    assert set(scenarios()) == set(SETUPS)
    assert sum(map(len, scenarios().values())) == 144


@pytest.mark.parametrize("scenario", SETUPS)
async def test_a_recorded_scenario_gets_the_recorded_answers(scenario: str, hub: Hub, caller: Caller) -> None:
    SETUPS[scenario](hub)
    player = Player(caller)
    different = []
    for number, exchange in enumerate(scenarios()[scenario], start=1):
        status, body = await player.play(exchange)
        assert (number, status) == (number, exchange.status)
        assert (number, shape(body)) == (number, shape(exchange.body))
        if body != exchange.body:
            different.append(number)
    assert different == [number for name, number in DIFFERENT if name == scenario]


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ([], []),
        ([{"id": 1}, {"id": 2}], [{"id": "int"}]),
        ([{"id": 1}, {"id": "2"}], [{"id": "int"}, {"id": "str"}]),
        ({"a": None}, {"a": "NoneType"}),
        (True, "bool"),
    ],
)
def test_shapes_tell_what_differs(value: Any, kinds: Any) -> None:
    assert shape(value) == kinds
