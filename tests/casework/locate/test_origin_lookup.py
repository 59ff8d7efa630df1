"""Asking the CDN itself for the origin: when, how often, what the desk reads of it. The CDN listens on loopback."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.record import open_case
from router.casework.desk import case_acts
from router.casework.locate.origin_lookup import first_look
from router.clock import micros
from router.hosting.origin import Access, CloudflareOrigin
from router.store.schema.tables import audit
from schemas.casefile import DeskCode
from schemas.states import CaseState
from schemas.trace import Address, NamedOrigin, NameRecord, OnlineMode
from tests.casebook import ANNA, DUTCH, EDGE, Casebook, casebook
from tests.cloudflare import CLIENT_ID, SECRET, Cloudflare
from tests.loopback import Loopback

EDGE_ADDRESS = Address(ip="104.16.1.1", operator="Cloudflare", edge=True)
NAMES = (NameRecord(name="example.test", type="A", target="104.16.1.1", ttl=300),)
MINUTE = 60 * 1_000_000


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
async def cloudflare(net: Loopback) -> Cloudflare:
    return await Cloudflare({"example.test": ["3.120.0.1"]}).open(net)


@pytest.fixture
async def book(tmp_path: Path, net: Loopback) -> AsyncIterator[Casebook]:
    """An office that has an agreement with the CDN, in a world where every host is behind its edge."""
    async with casebook(tmp_path / "office") as opened:
        lookup = CloudflareOrigin(await net.egress(), Access(CLIENT_ID, SECRET), opened.clock)
        opened.ctx = replace(opened.ctx, origins=(lookup,))
        opened.world.verdict = EDGE
        opened.world.known = {"addresses": (EDGE_ADDRESS,), "names": NAMES}
        yield opened


async def events(book: Casebook, act: str) -> list[str]:
    return [row["detail"] for row in await book.rows(audit) if row["act"] == act]


async def test_the_cdn_is_asked_at_once_and_its_answer_is_traced_and_decided(
    book: Casebook, cloudflare: Cloudflare
) -> None:
    case_id = await book.decided()
    waiting = await book.case(case_id)
    assert (waiting["desk_code"], waiting["next_at"]) == (DeskCode.EDGE_ONLY, book.ctx.now())
    case = await book.step(case_id)
    named = NamedOrigin(addresses=("3.120.0.1",), by="cloudflare", on="2026-11-22")
    assert (case["state"], case["desk_code"], case["next_at"]) == (CaseState.RECEIVED, None, book.ctx.now())
    assert (await open_case(book.ctx, case)).secrets.origin == named
    assert await events(book, "case.origin_named") == ['{"cdn":"cloudflare"}']
    book.world.verdict = DUTCH
    case = await book.step(case_id, 2)
    assert (case["state"], book.world.origins[-1]) == (CaseState.REFERRED, named)
    (request,) = cloudflare.requests
    assert request.raw_path == f"/investigation/v1/{case_id}/origin?hostname=example.test"


async def test_nobody_is_asked_when_the_policy_lets_nobody_outside_be_asked(
    book: Casebook, cloudflare: Cloudflare
) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"online": OnlineMode.NEVER})
    case_id = await book.decided()
    case = await book.step(case_id)
    assert cloudflare.requests == []
    assert case["next_at"] == case["desk_since"] + 24 * 60 * MINUTE


async def test_nobody_is_asked_about_anothers_edge(book: Casebook, cloudflare: Cloudflare) -> None:
    book.world.known = {"addresses": (EDGE_ADDRESS.model_copy(update={"operator": "Fastly"}),), "names": NAMES}
    case_id = await book.decided()
    case = await book.step(case_id)
    assert (cloudflare.requests, case["desk_code"]) == ([], DeskCode.EDGE_ONLY)
    assert case["next_at"] == case["desk_since"] + 24 * 60 * MINUTE


@pytest.mark.parametrize(
    ("breaks", "said", "minutes"),
    [
        ({"status": 429, "headers": {"Retry-After": "3600"}}, "did not answer", 60),
        ({"status": 503}, "did not answer", 15),
        ({"said": "<html>"}, "did not answer", 15),
        ({"status": 401}, "does not take our credentials", 60),
        ({"quota": 0}, "allows a day", 15 * 60),  # it is nine in the morning
    ],
)
async def test_what_is_no_answer_leaves_the_desk_its_task_and_is_tried_again(
    book: Casebook, cloudflare: Cloudflare, breaks: dict[str, object], said: str, minutes: int
) -> None:
    for name, value in breaks.items():
        setattr(cloudflare, name, value)
    case_id = await book.decided()
    asked_at = book.ctx.now()
    case = await book.step(case_id, 2)
    assert (case["state"], case["desk_code"], case["next_at"]) == (
        CaseState.DESK,
        DeskCode.EDGE_ONLY,
        asked_at + minutes * MINUTE,
    )
    assert said in case["desk_text"]
    assert len(cloudflare.requests) == 1
    await book.step(case_id)
    assert len(cloudflare.requests) == 1, "it is not asked again before its time"
    cloudflare.status, cloudflare.said, cloudflare.quota = 200, None, 1000
    book.later(minutes=minutes)
    case = await book.step(case_id)
    assert (case["state"], len(cloudflare.requests)) == (CaseState.RECEIVED, 2)


async def test_cases_that_wait_for_our_own_pace_are_told_nothing_untrue_and_come_back_one_by_one(
    book: Casebook, cloudflare: Cloudflare
) -> None:
    cases = [await book.decided(f"https://example.test/{n}", f"r-{n}") for n in range(8)]
    asked_at = book.ctx.now()
    text = (await book.case(cases[-1]))["desk_text"]
    rows = [await book.step(case_id) for case_id in cases]
    assert [row["state"] for row in rows] == [CaseState.RECEIVED] * 5 + [CaseState.DESK] * 3
    assert {row["desk_text"] for row in rows[5:]} == {text}
    assert [row["next_at"] - asked_at for row in rows[5:]] == [1_000_000, 2_000_000, 3_000_000]
    assert (len(cloudflare.requests), await events(book, "case.origin_asked")) == (5, [])
    for case_id in cases[5:]:
        book.later(seconds=1)
        assert (await book.step(case_id))["state"] == CaseState.RECEIVED


@pytest.mark.parametrize(("origins", "said"), [({"example.test": []}, "named no origin"), ({}, "not behind it now")])
async def test_a_final_answer_is_not_asked_for_again_until_it_is_traced_again(
    book: Casebook, cloudflare: Cloudflare, origins: dict[str, list[str]], said: str
) -> None:
    cloudflare.origins = origins
    case_id = await book.decided()
    case = await book.step(case_id, 2)
    assert said in case["desk_text"]
    assert case["next_at"] == case["desk_since"] + 24 * 60 * MINUTE
    book.later(hours=1)
    await book.step(case_id)
    assert len(cloudflare.requests) == 1
    await case_acts.retrace(book.ctx, case_id, ANNA, "it may have moved")
    await book.step(case_id, 3)
    assert len(cloudflare.requests) == 2


async def test_when_the_time_is_over_it_is_decided_without_the_origin_and_nobody_is_asked_more(
    book: Casebook, cloudflare: Cloudflare
) -> None:
    cloudflare.status = 503
    case_id = await book.decided()
    await book.step(case_id, 2)
    book.later(hours=24)
    case = await book.step(case_id)
    assert (case["desk_code"], case["next_at"]) == (DeskCode.PROPOSED, None)
    assert len(cloudflare.requests) == 1


async def test_what_staff_name_first_stands(book: Casebook, cloudflare: Cloudflare) -> None:
    """An origin that is an edge again must not be asked about for ever."""
    case_id = await book.decided()
    await case_acts.origin(book.ctx, case_id, ANNA, "told on the phone", ip="104.16.9.9")
    case = await book.step(case_id, 3)
    assert (case["desk_code"], cloudflare.requests) == (DeskCode.EDGE_ONLY, [])


async def test_an_accepted_copy_does_not_put_the_next_question_off(book: Casebook, cloudflare: Cloudflare) -> None:
    cloudflare.status = 503
    copying = {"account-abroad", "edge", "origin-unknown"}
    routes = tuple(route for route in book.rules.policy_.routes if route.name in copying)
    book.rules.policy_ = book.rules.policy_.model_copy(update={"routes": routes})
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "NL"}
    case_id = await book.decided(item={"account": account})
    asked_at = book.ctx.now()
    await book.step(case_id, 2)
    await book.send()
    assert (await book.case(case_id))["next_at"] == asked_at + 15 * MINUTE


async def test_nothing_that_was_asked_or_answered_is_in_the_audit_in_the_clear(
    book: Casebook, cloudflare: Cloudflare
) -> None:
    case_id = await book.decided()
    await book.step(case_id)
    cloudflare.origins = {}
    told = repr([row["detail"] for row in await book.rows(audit)])
    assert "3.120" not in told
    assert "example" not in told


async def test_without_an_agreement_the_desk_waits_for_the_policys_clock(book: Casebook) -> None:
    _, policy = await book.ctx.governance.policy()
    asked = {"desk_code": DeskCode.EDGE_ONLY, "desk_text": "see", "desk_since": 5, "desk_due": 9}
    alone = replace(book.ctx, origins=())
    assert first_look(book.ctx, asked, policy, 9) == 9
    assert first_look(alone, asked, policy, 9) == 5 + policy.origin_wait // timedelta(microseconds=1)
    assert first_look(book.ctx, asked | {"desk_code": DeskCode.LOOK}, policy, 9) is None
    assert micros(book.clock.now()) == book.ctx.now()
