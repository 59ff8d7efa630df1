"""`cases site` against a running API is tested with the desk (`test_desk`); here what it does with the answers."""

from typing import Any, Self

import pytest

from router.cli import groups


class Client:
    """As much of the API's client as the verb uses."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.sent = list(answers), {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def get(self, *_: str) -> Any:
        return self.answers.pop(0)

    async def post(self, *_: str, **given: Any) -> Any:
        self.sent = given
        return self.answers.pop(0)


def listed(case: str, *acts: str) -> dict[str, Any]:
    shown = {"id": case, "version": 4, "numbers": [], "state": "desk", "masked": "x", "reasons": [], "site": None}
    return {"case": shown, "acts": acts}


@pytest.mark.parametrize(("refused", "code"), [(0, 0), (1, 1)])
async def test_only_what_the_act_is_offered_on_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, refused: int, code: int
) -> None:
    found = {"items": [listed("a", "close"), listed("b"), listed("c", "close")], "more": True}
    client = Client(found, {"items": [], "done": 2 - refused, "refused": refused})
    monkeypatch.setattr(groups, "open_client", lambda _: client)
    assert await groups._site("7F3AK2Q", "close", 2, {"reason": "so"}, None, as_json=True) == code
    assert client.sent["rows"] == [{"case": "a", "version": 4}, {"case": "c", "version": 4}]
