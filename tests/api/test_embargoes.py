"""Embargoes over HTTP: set by one, ended by two, read by the named few, and a hint to everybody else."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from schemas.actor import Role
from tests.api.conftest import Served
from tests.embargoes import ASKED_BY, REASON, THEIRS


def body(served: Served, **more: Any) -> dict[str, Any]:
    until = (served.ctx.clock.now() + timedelta(days=10)).isoformat()
    given = {"kind": "host", "what": "example.test", "until": until, "asked_by": ASKED_BY, "reference": THEIRS}
    return {**given, "reason": REASON, **more}


@pytest.fixture
async def second(served: Served) -> Any:
    from tests.office import token_for

    async with served.client(await token_for(served.ctx, Role.SUPERVISOR, "bob")) as client:
        yield client


async def test_set_listed_read_and_ended_by_two(
    served: Served, supervisor: httpx2.AsyncClient, analyst: httpx2.AsyncClient, second: httpx2.AsyncClient
) -> None:
    made = await supervisor.post("/v1/embargoes", json=body(served))
    assert made.status_code == 201
    one = made.json()["embargo"]["id"]
    assert made.json()["left"] == []
    (seen,) = (await analyst.get("/v1/embargoes")).json()["items"]
    assert (seen["id"], seen["ask"], seen["may_read"]) == (one, "a-supervisor", False)
    assert not any(word in str(seen) for word in ("example", REASON, ASKED_BY, THEIRS))
    assert (await analyst.get(f"/v1/embargoes/{one}")).status_code == 403
    read = (await supervisor.get(f"/v1/embargoes/{one}")).json()
    assert (read["what"], read["reason"]) == ("example[.]test", REASON)
    ended = await supervisor.post(f"/v1/embargoes/{one}/end", json={})
    assert ended.json()["proposed"]
    subject = f"/v1/proposals/embargo:{one}/confirm"
    assert (await supervisor.post(subject, json={})).status_code == 403
    assert (await second.post(subject, json={})).status_code == 200
    assert (await analyst.get("/v1/embargoes")).json()["items"] == []
    assert len((await analyst.get("/v1/embargoes", params={"ended": "true"})).json()["items"]) == 1


async def test_analysts_set_none_and_viewers_see_none(
    served: Served, analyst: httpx2.AsyncClient, is_problem: Any
) -> None:
    is_problem(await analyst.post("/v1/embargoes", json=body(served)), 403, "embargo:act")
    async with await served.as_role(Role.VIEWER) as viewer:
        is_problem(await viewer.get("/v1/embargoes"), 403, "embargo:read")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"kind": "network"}, "/kind"),
        ({"kind": "account"}, ""),
        ({"platform": "insta"}, ""),
        ({"what": "com"}, "/what"),
        ({"readers": ["nobody"]}, "/readers"),
        ({"until": "tomorrow"}, "/until"),
    ],
)
async def test_bad_input_names_its_field(
    served: Served, supervisor: httpx2.AsyncClient, more: dict[str, Any], field: str
) -> None:
    answer = await supervisor.post("/v1/embargoes", json=body(served, **more))
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert not any(word in answer.text for word in ("example.test", REASON, ASKED_BY, THEIRS))


async def test_where_it_is_is_asked_of_nobody(
    served: Served, supervisor: httpx2.AsyncClient, analyst: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of a person, who hears whom to ask, nor of a system, to which it is as if name servers were away."""
    from router.casework.people import tokens
    from schemas.actor import ROUTER
    from schemas.acts import TokenGiven

    await supervisor.post("/v1/embargoes", json=body(served))
    asked = []
    offline = served.ctx.tracer.offline

    async def trace(locator: Any, **_more: Any) -> Any:
        asked.append(locator.host)
        return offline(locator)

    monkeypatch.setattr(type(served.ctx.tracer), "trace", staticmethod(trace))
    inputs = {"inputs": ["https://a.example.test/x", "https://other.test/"]}
    held, free = (await analyst.post("/v1/locate", json=inputs)).json()["items"]
    assert (held["error"], free["error"]) == ({"code": "embargo", "text": "Held; ask a-supervisor."}, None)
    made = await tokens.create_token(served.ctx, TokenGiven(name="t", source="form", scopes=("locate",)), ROUTER)
    async with served.client(made.token) as source:
        held, _ = (await source.post("/v1/locate", json=inputs)).json()["items"]
    assert held["error"] == {"code": "unavailable", "text": "This cannot be looked up now; ask again later."}
    assert asked == ["other.test", "other.test"]
