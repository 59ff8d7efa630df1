import asyncio
import time
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from router.api.locate import AT_ONCE, PER_SECOND, Asking
from router.casework.people import tokens
from router.errors import TooOften
from schemas.actor import ROUTER
from schemas.acts import TokenGiven


@pytest.fixture(autouse=True)
def _no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers at once; one test looks at the steps."""
    monkeypatch.setattr("router.api.locate.STEP", 1e-6)


LINE = ["input", "host", "verdict", "names", "addresses", "error"]


async def located(analyst: httpx2.AsyncClient, *inputs: str, **more: Any) -> list[dict[str, Any]]:
    answer = await analyst.post("/v1/locate", json={"inputs": inputs, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_each_input_is_answered_in_its_order(analyst: httpx2.AsyncClient) -> None:
    inputs = ["https://a.test/", "http://10.0.0.1/", "data:x", "https://b.test/"]
    found = await located(analyst, *inputs)
    assert [one["input"] for one in found] == inputs
    assert [list(one) for one in found] == [LINE] * 4, "the order of the fields is a contract"
    assert [one["verdict"] and one["verdict"]["kind"] for one in found] == ["country", "no_host", None, "country"]
    assert found[2]["error"]["code"] == "embedded_content"


async def test_offline_is_passed_on(analyst: httpx2.AsyncClient) -> None:
    assert (await located(analyst, "https://a.test/", offline=True))[0]["verdict"]["country"] == "NL"


@pytest.mark.parametrize(
    "body", [{}, {"inputs": []}, {"inputs": ["x"] * 101}, {"inputs": "x"}, {"inputs": ["x" * 9000]}, {"inputs": [1]}]
)
async def test_what_cannot_be_asked(analyst: httpx2.AsyncClient, is_problem: Any, body: dict[str, Any]) -> None:
    found = is_problem(await analyst.post("/v1/locate", json=body), 422, "invalid_field")
    assert found["errors"][0]["field"].startswith("/inputs")


async def test_a_source_may_ask_only_with_a_token_made_for_it(
    served: Any, source: httpx2.AsyncClient, is_problem: Any
) -> None:
    is_problem(await source.post("/v1/locate", json={"inputs": ["https://a.test/"]}), 403, "locate")
    given = TokenGiven(name="looks hosts up", source="form", scopes=("locate",))
    made = await tokens.create_token(served.ctx, given, ROUTER)
    async with served.client(made.token) as client:
        assert (await located(client, "https://a.test/"))[0]["error"] is None


class Asked:
    """A tracer that notes what it was asked, and takes its time."""

    def __init__(self, inner: Any, seconds: float = 0.0) -> None:
        self.inner, self.seconds, self.seen = inner, seconds, list[str]()

    async def trace(self, locator: Any, **more: Any) -> Any:
        self.seen.append(locator.canonical)
        await asyncio.sleep(self.seconds)
        return await self.inner.trace(locator, **more)

    def offline(self, locator: Any) -> Any:
        return self.inner.offline(locator)


async def test_what_is_asked_here_is_not_what_reports_are_traced_with(
    served: Any, serve: Any, analyst: httpx2.AsyncClient
) -> None:
    reports, questions = Asked(served.ctx.tracer), Asked(served.ctx.tracer)
    served.app.state.ctx = replace(served.ctx, tracer=reports, locator=questions)
    await located(analyst, "https://a.test/", "https://b.test/")
    assert (len(questions.seen), reports.seen) == (2, [])


async def test_nobody_is_asked_for_whoever_may_not(served: Any, source: httpx2.AsyncClient) -> None:
    asked = Asked(served.ctx.tracer)
    served.app.state.ctx = replace(served.ctx, tracer=asked, locator=asked)
    await source.post("/v1/locate", json={"inputs": ["https://a.test/"]})
    assert asked.seen == []


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.12, 0.27])
async def test_an_answer_comes_on_a_step_of_the_clock_however_long_it_took(
    served: Any, analyst: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr("router.api.locate.STEP", 0.4)
    asked = Asked(served.ctx.tracer, seconds)
    served.app.state.ctx = replace(served.ctx, locator=asked)
    started = time.monotonic()
    await located(analyst, "https://a.test/")
    assert time.monotonic() - started >= 0.399


async def test_one_caller_may_ask_so_much_and_another_as_much(
    served: Any, analyst: httpx2.AsyncClient, supervisor: httpx2.AsyncClient, is_problem: Any
) -> None:
    many = {"inputs": ["https://a.test/"] * 100, "offline": True}
    for _ in range(AT_ONCE // 100):
        assert (await analyst.post("/v1/locate", json=many)).status_code == 200
    refused = await analyst.post("/v1/locate", json=many)
    is_problem(refused, 429, "too_often")
    assert int(refused.headers["retry-after"]) > 0
    assert (await supervisor.post("/v1/locate", json=many)).status_code == 200


def test_what_may_be_asked_comes_back_with_time() -> None:
    now = [0.0]
    asking = Asking(lambda: now[0])
    asking.take("a", AT_ONCE)
    with pytest.raises(TooOften):
        asking.take("a", 1)
    now[0] += 10
    asking.take("a", int(10 * PER_SECOND))


async def test_nothing_is_kept(served: Any, analyst: httpx2.AsyncClient) -> None:
    await located(analyst, "https://a.test/")
    assert (await analyst.get("/v1/cases")).json()["items"] == []
