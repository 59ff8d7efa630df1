import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import orjson
import pytest
from sqlalchemy import select

from router.api import batch
from router.api.protocol import body
from router.casework.govern.sources import add_source
from router.casework.people import tokens as people
from router.store.schema.tables import cases, items
from router.store.schema.tables import reports as reports_table
from router.store.schema.tables import tokens as tokens_table
from schemas.actor import ROUTER
from schemas.source import SourceGiven
from schemas.vocabulary import SourceKind
from tests.office import line, report

Problem = Callable[[httpx2.Response, int, str], Any]


def answers(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(one) for one in answer.text.splitlines()]


async def test_a_report_is_taken_and_is_on_disk(served: Any, source: httpx2.AsyncClient) -> None:
    answer = await source.post("/v1/reports", json=report(items=[{"location": "https://a.test/"}] * 2))
    assert answer.status_code == 202
    assert set(answer.json()) == {"id", "dossier", "items"}
    assert [one["index"] for one in answer.json()["items"]] == [0, 1]
    (row,) = await served.ctx.store.rows(select(reports_table))
    assert row["id"] == answer.json()["id"]


async def test_a_source_gets_ids_that_tell_nothing_and_an_analyst_the_case(
    served: Any, source: httpx2.AsyncClient, analyst: httpx2.AsyncClient
) -> None:
    first, second = [(await source.post("/v1/reports", json=report(reference))).json() for reference in ("r-1", "r-2")]
    assert first["items"][0]["case"] != second["items"][0]["case"]
    third = (await analyst.post("/v1/reports", json=report("r-3"))).json()
    (case,) = await served.ctx.store.rows(select(cases))
    assert third["items"][0]["case"] == case["id"]


async def test_the_same_report_again_gets_the_same_answer(source: httpx2.AsyncClient) -> None:
    first, again = [await source.post("/v1/reports", json=report()) for _ in range(2)]
    assert (again.status_code, again.json()) == (202, first.json())


async def test_another_body_under_a_known_reference(source: httpx2.AsyncClient, is_problem: Problem) -> None:
    await source.post("/v1/reports", json=report())
    answer = await source.post("/v1/reports", json=report(location="https://other.test/"))
    body = is_problem(answer, 409, "replayed_differently")
    assert body["errors"][0]["field"] == "/reference"


@pytest.mark.parametrize(
    ("change", "status", "reason", "field"),
    [
        ({"items": []}, 422, "invalid_field", "/items"),
        ({"items": [{"location": ""}]}, 422, "invalid_field", "/items/0/location"),
        ({"items": [{"location": "data:text/html,x"}]}, 422, "embedded_content", "/items/0/location"),
        ({"items": [{"location": "http://a.test/\u0000"}]}, 422, "control_characters", "/items/0/location"),
        ({"items": [{"location": "x" * 10_000}]}, 422, "invalid_field", "/items/0/location"),
        ({"items": [{"location": "https://a.test/", "ways_in": {"required_country": "XX"}}]}, 422, "invalid_field",
         "/items/0/ways_in/required_country"),
        ({"received_at": "2026-11-23T00:00:00Z"}, 422, "bad_input", "/received_at"),
        ({"received_at": "yesterday"}, 422, "invalid_field", "/received_at"),
        ({"received_at": "2026-11-22T08:00:00"}, 422, "invalid_field", "/received_at"),
        ({"urgency": "very"}, 422, "invalid_field", "/urgency"),
        ({"colour": "red"}, 422, "invalid_field", "/colour"),
        ({"source": "unknown"}, 403, "not_allowed", "/source"),
        ({"assessment": {"value": "baseline"}}, 422, "invalid_field", "/assessment"),
        ({"assessment": {"value": "baseline", "assessed_by": "x", "assessed_at": "2026-11-22T08:00:00Z"}}, 422,
         "bad_input", "/assessment/value"),
    ],
)  # fmt: skip
async def test_bad_input_names_its_field(
    source: httpx2.AsyncClient, is_problem: Problem, change: dict[str, Any], status: int, reason: str, field: str
) -> None:
    body = is_problem(await source.post("/v1/reports", json=report(**change)), status, reason)
    assert [one["field"] for one in body["errors"]] == [field]
    assert body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://10.0.0.1/", "private_address"),
        ("http://abc.onion/", "onion"),
        ("magnet:?xt=urn:btih:" + "a" * 40, None),
    ],
)
async def test_a_location_without_a_host_is_taken(
    source: httpx2.AsyncClient, location: str, reason: str | None
) -> None:
    assert (await source.post("/v1/reports", json=report(location=location))).status_code == 202


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a": \xff}', b"[" * 10_000])
async def test_what_is_not_a_report(source: httpx2.AsyncClient, body: bytes) -> None:
    answer = await source.post("/v1/reports", content=body)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_source_reads_its_own_report_and_no_other(
    served: Any, source: httpx2.AsyncClient, is_problem: Problem, unknown: str
) -> None:
    taken = (await source.post("/v1/reports", json=report())).json()
    for number in (taken["id"], taken["dossier"].lower(), "r-1"):
        told = (await source.get(f"/v1/reports/{number}")).json()
        assert [{"index": 0, "case": taken["items"][0]["case"], "state": "received"}] == told["items"]
        assert (told["id"], told["state"]) == (taken["id"], "received")
    await add_source(served.ctx, SourceGiven(name="other", kind=SourceKind.PUBLIC), ROUTER)
    async with await served.as_source("other") as other:
        theirs = is_problem(await other.get(f"/v1/reports/{taken['id']}"), 404, "not_found")
        nobodys = is_problem(await other.get(f"/v1/reports/{unknown}"), 404, "not_found")
        assert theirs["detail"] == nobodys["detail"]
        given = {"value": "not_illegal", "assessed_by": "x", "assessed_at": "2026-11-22T08:00:00Z"}
        is_problem(await other.post(f"/v1/reports/{taken['id']}/assessment", json=given), 404, "not_found")


async def test_an_assessment_may_come_later(
    served: Any, source: httpx2.AsyncClient, analyst: httpx2.AsyncClient
) -> None:
    taken = (await source.post("/v1/reports", json=report())).json()
    given = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:59:30Z"}
    assert (await analyst.post(f"/v1/reports/{taken['id']}/assessment", json=given)).status_code == 409  # not seen
    (case,) = await served.ctx.store.rows(select(cases))
    await analyst.post(f"/v1/cases/{case['id']}/reveal", json={"reason": "to look"})
    assert (await analyst.post(f"/v1/reports/{taken['id']}/assessment", json=given)).status_code == 204
    (case,) = await served.ctx.store.rows(select(cases))
    assert case["assessment"] == "baseline"
    (item,) = (await analyst.get(f"/v1/cases/{case['id']}")).json()["items"]
    assert {name: item[name] for name in ("assessment", "assessed_by", "assessed_at")} == {
        "assessment": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:59:30Z",
    }  # fmt: skip


async def test_a_key_gives_the_first_answer_again(served: Any, source: httpx2.AsyncClient, is_problem: Problem) -> None:
    headers = {"idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first, again = [await source.post("/v1/reports", json=report(), headers=headers) for _ in range(2)]
    assert (again.status_code, again.json()) == (202, first.json())
    other = await source.post("/v1/reports", json=report("r-2"), headers=headers)
    is_problem(other, 422, "idempotency_key_reused")


# ---------------------------------------------------------------- batches


async def test_a_thousand_lines_with_three_broken_ones(served: Any, source: httpx2.AsyncClient) -> None:
    lines = [line(f"r-{n}", f"https://h{n}.test/") for n in range(1, 1001)]
    lines[9], lines[499], lines[999] = b"{broken\n", line("r-500", "data:text/html,x"), line("r-1000", extra=1)
    found = answers(await source.post("/v1/reports/batch", content=b"".join(lines)))
    assert [one["line"] for one in found] == list(range(1, 1001))
    refused = {one["line"]: one["problem"]["reason"] for one in found if one["status"] != 202}
    assert refused == {10: "not_json", 500: "embedded_content", 1000: "invalid_field"}
    assert len(await served.ctx.store.rows(select(reports_table.c.id))) == 997


async def test_lines_are_counted_over_groups_and_empty_lines(source: httpx2.AsyncClient) -> None:
    body = b"\n\n" + b"".join(line(f"r-{n}") for n in range(1500)) + b"\r\n" + line("r-1500").rstrip()
    found = answers(await source.post("/v1/reports/batch", content=body))
    assert [one["line"] for one in found] == [*range(3, 1503), 1504]
    assert {one["status"] for one in found} == {202}


async def test_a_body_that_comes_in_pieces(source: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        whole = b"".join(line(f"r-{n}") for n in range(20))
        for start in range(0, len(whole), 7):
            yield whole[start : start + 7]

    found = answers(await source.post("/v1/reports/batch", content=pieces()))
    assert [one["status"] for one in found] == [202] * 20


async def test_a_line_that_is_too_long_is_refused_alone(source: httpx2.AsyncClient) -> None:
    body = line("r-1") + b'{"x": "' + b"y" * 1_100_000 + b'"}\n' + line("r-2")
    found = answers(await source.post("/v1/reports/batch", content=body))
    assert [(one["line"], one["status"]) for one in found] == [(1, 202), (2, 413), (3, 202)]
    assert found[1]["problem"]["reason"] == "line_too_long"


async def test_a_batch_that_is_too_long_ends_by_its_line(
    source: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "LIMIT", 4000)

    async def pieces() -> AsyncIterator[bytes]:
        for n in range(100):
            yield line(f"r-{n}")

    *taken, last = answers(await source.post("/v1/reports/batch", content=pieces()))
    assert {one["status"] for one in taken} == {202}
    assert (last["line"], last["status"], last["problem"]["reason"]) == (len(taken) + 1, 413, "batch_too_long")
    assert 20 < len(taken) < 100


@pytest.mark.parametrize(
    "given",
    [
        report(urgency="very", colour="red"),
        {"source": "form"},
        report(source="No Name", received_at="2026-11-22T08:59:00"),
        {**report(), "items": []},
        report(location="x" * 9000),
        report(location=""),
        report(assessment={"value": "baseline"}),
        [1],
    ],
)
async def test_a_line_is_refused_in_the_words_of_a_report_alone(source: httpx2.AsyncClient, given: Any) -> None:
    alone = (await source.post("/v1/reports", json=given)).json()
    (line_,) = answers(await source.post("/v1/reports/batch", content=orjson.dumps(given)))
    said = ("type", "status", "reason", "detail", "errors")
    assert [line_["problem"].get(name) for name in said] == [alone.get(name) for name in said]
    assert alone["errors"]


async def test_the_same_batch_again_gets_the_same_ids(source: httpx2.AsyncClient) -> None:
    body = b"".join(line(f"r-{n}") for n in range(50))
    first, again = [answers(await source.post("/v1/reports/batch", content=body)) for _ in range(2)]
    assert first == again


async def test_an_empty_batch_is_answered_with_nothing(source: httpx2.AsyncClient) -> None:
    assert answers(await source.post("/v1/reports/batch", content=b"")) == []


async def test_a_batch_joins_one_case_and_the_answers_do_not_tell(served: Any, source: httpx2.AsyncClient) -> None:
    body = b"".join(line(f"r-{n}") for n in range(10))
    found = answers(await source.post("/v1/reports/batch", content=body))
    assert len(await served.ctx.store.rows(select(cases.c.id))) == 1
    assert len(await served.ctx.store.rows(select(items.c.id))) == 10
    assert all(set(one) == {"line", "status", "id", "dossier"} for one in found)


async def test_lines_of_another_source_are_refused_by_their_number(source: httpx2.AsyncClient) -> None:
    body = line("r-1") + line("r-2", source="analysts")
    found = answers(await source.post("/v1/reports/batch", content=body))
    assert [one["status"] for one in found] == [202, 403]


async def test_what_is_refused_is_not_repeated(source: httpx2.AsyncClient) -> None:
    canary = "canary-8813"
    lines = [
        orjson.dumps({f"{canary} as a key": 1}),
        orjson.dumps(report(source=canary)),
        orjson.dumps(report(location=f"data:text/html,{canary}")),
        orjson.dumps(report(urgency=canary)),
        f'{{"{canary}'.encode(),
    ]
    answer = await source.post("/v1/reports/batch", content=b"\n".join(lines))
    assert len(answers(answer)) == 5
    assert canary not in answer.text


async def test_a_closed_case_leaves_room_for_a_new_one(analyst: httpx2.AsyncClient) -> None:
    first = (await analyst.post("/v1/reports", json=report("r-1"))).json()["items"][0]["case"]
    closed = await analyst.post(f"/v1/cases/{first}/close", json={"reason": "looked", "outcome": "unavailable"})
    assert closed.status_code == 204
    second = (await analyst.post("/v1/reports", json=report("r-2"))).json()["items"][0]["case"]
    assert second != first


async def test_a_key_that_stands_twice_is_refused_by_its_name(source: httpx2.AsyncClient, is_problem: Problem) -> None:
    text = json.dumps(report()).replace('"location"', '"location": "https://other.test/", "location"')
    headers = {"content-type": "application/json"}
    answer = await source.post("/v1/reports", content=text, headers=headers)
    assert is_problem(answer, 422, "duplicate_key")["errors"][0]["field"] == "/items/0/location"
    assert "other.test" not in answer.text


@pytest.mark.parametrize("moment", ["1122091200", "2026-11-22T08:00:00", "2026-11-22"])
async def test_a_moment_needs_its_offset(source: httpx2.AsyncClient, is_problem: Problem, moment: str) -> None:
    answer = await source.post("/v1/reports", json=report(received_at=moment))
    assert is_problem(answer, 422, "invalid_field")["errors"][0]["field"] == "/received_at"


@pytest.mark.parametrize("long", [0.0, 1e9])
async def test_a_token_revoked_while_its_report_was_sent_takes_nothing(
    served: Any, source: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, is_problem: Problem, long: float
) -> None:
    """A body may come for ten minutes; one that came at once is not asked for a second time."""
    monkeypatch.setattr(body, "LONG", long)

    async def sent() -> AsyncIterator[bytes]:
        whole = line("r-1")
        yield whole[:20]
        (row,) = await served.ctx.store.rows(select(tokens_table))
        await people.revoke_token(served.ctx, row["id"], ROUTER)
        yield whole[20:]

    answer = await source.post("/v1/reports", content=sent(), headers={"content-type": "application/json"})
    if long:
        assert answer.status_code == 202
    else:
        is_problem(answer, 401, "not_signed_in")
    assert len(await served.ctx.store.rows(select(reports_table))) == bool(long)


async def test_a_reference_with_a_slash_is_asked_for_as_it_is(source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports", json=report("2026/11 a"))
    assert (await source.get("/v1/reports/2026%2F11%20a")).json()["reference"] == "2026/11 a"
