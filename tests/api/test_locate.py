from typing import Any

import httpx2
import pytest

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


async def test_a_source_may_ask(source: httpx2.AsyncClient) -> None:
    assert (await located(source, "https://a.test/"))[0]["error"] is None


async def test_nothing_is_kept(served: Any, analyst: httpx2.AsyncClient) -> None:
    await located(analyst, "https://a.test/")
    assert (await analyst.get("/v1/cases")).json()["items"] == []
