from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from router.store.schema.tables import referrals
from schemas.actor import Role
from schemas.partner import Directory
from tests.office import PARTNERS, Rules, office, report

ASSESSED = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:59:00Z"}


@pytest.fixture
async def served(tmp_path: Path, serve_by_one: Any) -> AsyncIterator[Any]:
    """As the usual one, with a second hotline to override to."""
    canadian = PARTNERS[0].model_copy(update={"name": "hotline-ca", "title": "Canadian hotline", "countries": ("CA",)})
    async with office(tmp_path, rules=Rules(Directory(version=1, partners=(*PARTNERS, canadian)))) as ctx:
        yield serve_by_one(ctx)


@pytest.fixture
async def staff(served: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with await served.as_role(Role.SUPERVISOR) as client:
        yield client


@pytest.fixture
async def referral(staff: httpx2.AsyncClient) -> dict[str, Any]:
    """A referral to the Dutch hotline, waiting to be sent."""
    given = report(source="analysts", assessment=ASSESSED)
    case = (await staff.post("/v1/reports", json=given)).json()["items"][0]["case"]
    answer = await staff.post(f"/v1/cases/{case}/refer", json={"reason": "surely Dutch", "country": "NL"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_referrals_are_listed_and_read(staff: httpx2.AsyncClient, referral: dict[str, Any]) -> None:
    page = (await staff.get("/v1/referrals", params={"state": "waiting"})).json()
    assert [one["id"] for one in page["items"]] == [referral["id"]]
    assert page["next"] is None
    assert (await staff.get(f"/v1/referrals/{referral['id']}")).json()["partner"] == "hotline-nl"


async def test_held_released_and_recalled(staff: httpx2.AsyncClient, referral: dict[str, Any]) -> None:
    states = []
    for act in ("hold", "release", "recall"):
        answer = await staff.post(f"/v1/referrals/{referral['id']}/{act}", json={"reason": "we were asked to"})
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["state"])
    assert states == ["held", "waiting", "recalled"]


async def test_held_until_a_date(staff: httpx2.AsyncClient, is_problem: Any, referral: dict[str, Any]) -> None:
    path = f"/v1/referrals/{referral['id']}/hold"
    past = await staff.post(path, json={"reason": "x", "until": "2026-11-21T09:00:00Z"})
    assert is_problem(past, 422, "bad_input")["errors"][0]["field"] == "/until"
    naive = await staff.post(path, json={"reason": "x", "until": "2026-11-23T09:00:00"})
    assert is_problem(naive, 422, "invalid_field")["errors"][0]["field"] == "/until"
    held = await staff.post(path, json={"reason": "x", "until": "2026-11-23T09:00:00Z"})
    assert held.json()["hold_until"] == "2026-11-23T09:00:00Z"


async def test_overridden_to_another_country(served: Any, staff: httpx2.AsyncClient, referral: dict[str, Any]) -> None:
    path = f"/v1/referrals/{referral['id']}/override"
    answer = await staff.post(path, json={"reason": "the operator is Canadian", "country": "CA"})
    assert answer.status_code == 200, answer.text
    new = answer.json()
    assert (new["partner"], new["supersedes"]) == ("hotline-ca", referral["id"])
    rows = await served.ctx.store.rows(select(referrals.c.id, referrals.c.state))
    assert {row["id"]: row["state"] for row in rows}[referral["id"]] in {"recalled", "superseded"}


async def test_who_was_slower_is_told(staff: httpx2.AsyncClient, is_problem: Any, referral: dict[str, Any]) -> None:
    path = f"/v1/referrals/{referral['id']}"
    seen = referral["version"]
    assert (await staff.post(f"{path}/hold", json={"reason": "x", "version": seen})).status_code == 200
    is_problem(await staff.post(f"{path}/recall", json={"reason": "x", "version": seen}), 409, "conflict")


async def test_what_cannot_be_done_now_says_where_it_stands(
    staff: httpx2.AsyncClient, is_problem: Any, referral: dict[str, Any]
) -> None:
    body = is_problem(await staff.post(f"/v1/referrals/{referral['id']}/release", json={"reason": "x"}), 409, "not_now")
    assert "waits to be sent" in body["detail"]


@pytest.mark.parametrize("act", ["hold", "release", "override", "retry", "recall"])
async def test_acts_need_a_reason_and_a_referral(
    staff: httpx2.AsyncClient, is_problem: Any, unknown: str, act: str
) -> None:
    without = is_problem(await staff.post(f"/v1/referrals/{unknown}/{act}", json={}), 422, "invalid_field")
    assert without["errors"][0]["field"] == "/reason"
    answer = await staff.post(f"/v1/referrals/{unknown}/{act}", json={"reason": "x"})
    assert answer.status_code in {404, 422}


async def test_no_referral_no_answer(staff: httpx2.AsyncClient, is_problem: Any, unknown: str) -> None:
    is_problem(await staff.get(f"/v1/referrals/{unknown}"), 404, "not_found")
