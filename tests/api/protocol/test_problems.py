import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from router import errors
from router.api.protocol import body, problems
from router.api.protocol.document import BODIES
from router.api.protocol.problems import document, headers, refuse
from router.casework.intake.field_errors import Unreadable
from router.errors import RouterError
from schemas.problem import Problem
from schemas.report import ReportGiven


def every_error() -> list[type[RouterError]]:
    found, left = [], [RouterError]
    while left:
        one = left.pop()
        found.append(one)
        left.extend(child for child in one.__subclasses__() if child.__module__ == errors.__name__)
    return found


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_its_document(kind: type[RouterError]) -> None:
    found = document(kind(), "id-1")
    assert found.type == f"urn:referral-router:problem:{kind.code}"
    assert found.status == kind.status
    assert found.detail
    assert found.request == "id-1"
    assert 400 <= found.status < 600


def test_the_answer_is_a_problem_document() -> None:
    answer = refuse(errors.Conflict(), "id-1")
    assert answer.media_type == "application/problem+json"
    assert Problem.model_validate_json(bytes(answer.body)).status == answer.status_code == 409


@pytest.mark.parametrize(("given", "header"), [(None, "5"), (0.2, "1"), (30, "30"), (30.2, "31")])
def test_what_is_away_says_when_to_come_back(given: float | None, header: str) -> None:
    assert headers(errors.StoreUnavailable(retry_after=given)) == {"Retry-After": header}


def test_others_need_no_header() -> None:
    assert headers(errors.Conflict()) == {}


@pytest.mark.parametrize(("reason", "status"), [("not_json", 400), ("idempotency_key", 400), ("bad_input", 422)])
def test_a_malformed_request_is_not_an_unfit_one(reason: str, status: int) -> None:
    assert document(errors.BadInput("x", reason=reason)).status == status


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("items.3.location", "/items/3/location"),
        ("header/idempotency-key", "header/idempotency-key"),
        ("/a", "/a"),
        ("items.somebody@else", "/items"),
    ],
)
def test_a_field_of_ours_becomes_a_pointer(field: str, found: str) -> None:
    assert document(errors.BadInput("x", field=field)).errors[0].field == found


@pytest.mark.parametrize("word", [one for one in BODIES if one is not Problem])
@given(data=st.data())
def test_no_problem_repeats_what_was_sent(word: type[BaseModel], data: st.DataObject) -> None:
    canary = "canary7731"
    values = st.sampled_from(
        [canary, [canary], {f"{canary}.x": canary}, f"https://{canary}.example/", {"value": canary}]
    )
    known = sorted(word.model_fields)
    names = data.draw(st.sets(st.sampled_from(known))) if known else set()
    given_fields = {name: data.draw(values) for name in names}
    given_fields[f"{canary} key"] = 1
    if word.model_config.get("extra") == "ignore":  # a peer's question may have grown; what is missing is refused
        given_fields.pop(next(name for name, field in word.model_fields.items() if field.is_required()), None)
    with pytest.raises(Unreadable) as caught:
        body.parse(json.dumps(given_fields).encode(), word)
    assert canary not in bytes(refuse(caught.value).body).decode()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        body.parse(raw, ReportGiven)
    assert document(caught.value).status in {400, 422}


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.get("/ours")
    async def ours() -> None:
        raise errors.NotFound("There is no such thing.")

    @app.get("/theirs")
    async def theirs() -> None:
        raise HTTPException(418, "canary text of somebody else")

    @app.get("/number")
    async def number(limit: int) -> int:
        return limit

    return app


async def get(app: FastAPI, path: str, method: str = "GET") -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://router.test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("path", "method", "status", "reason"),
    [
        ("/ours", "GET", 404, "not_found"),
        ("/theirs", "GET", 418, "http_error"),
        ("/nowhere", "GET", 404, "not_found"),
        ("/ours", "PUT", 405, "method_not_allowed"),
        ("/number?limit=canary", "GET", 422, "invalid_field"),
    ],
)
async def test_whatever_refuses_it_is_a_problem(app: FastAPI, path: str, method: str, status: int, reason: str) -> None:
    answer = await get(app, path, method)
    shown: Any = answer.json()
    assert (answer.status_code, shown["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "canary" not in answer.text


async def test_a_wrong_method_is_told_the_right_one(app: FastAPI) -> None:
    assert (await get(app, "/ours", "PUT")).headers["allow"] == "GET"
