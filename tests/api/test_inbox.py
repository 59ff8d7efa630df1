import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from router.api import make_api
from router.api.inbox import LIMIT, Peering, Pinned, key_ring
from router.casework.context import Context
from router.casework.read.case_file import case_file
from router.clock import StoryClock
from router.errors import NotSignedIn
from router.partners.answers import classify
from router.partners.base import Deferred
from router.partners.keys import KeyRing, PeerKey, Signer
from router.partners.signing import sign_request, verify_response
from router.store.schema.tables import case_keys, cases, inbox, items, reports
from schemas.actor import Role
from schemas.exchange import PROTOCOL
from schemas.partner import Directory, Partner, PartnerKind
from tests.office import START, Rules, office, person

URL = "https://be.test"
PATH = "/v1/inbox/referrals"
DUTCH = Signer("hotline-nl-1", Ed25519PrivateKey.generate())
OURS = Signer("hotline-be-1", Ed25519PrivateKey.generate())
ANALYST = person("anna", Role.ANALYST)
STRANGER = Signer("stranger-1", Ed25519PrivateKey.generate())
PEER = Partner(
    name="hotline-nl",
    title="Dutch hotline",
    kind=PartnerKind.HOTLINE,
    inhope=True,
    countries=("NL",),
    enabled=True,
    dialect="router",
    config={"url": "https://nl.test", "peer": "hotline-nl", "keys": [{"id": DUTCH.key_id, "public": DUTCH.public}]},
)


@dataclass
class Post:
    """A peer's post: signs as asked, and sends to the application in process."""

    ctx: Context
    client: httpx2.AsyncClient

    async def send(self, body: bytes, *, signer: Signer = DUTCH, path: str = PATH, **change: Any) -> httpx2.Response:
        headers = self.headers(body, signer=signer, path=path, **change)
        return await self.client.post(path, content=body, headers=headers)

    def headers(self, body: bytes, *, signer: Signer = DUTCH, path: str = PATH, **change: Any) -> dict[str, str]:
        given = {"recipient": "hotline-be", "now": self.ctx.clock.now(), "target": URL + path, **change}
        return sign_request(signer, method="POST", body=body, **given)


@pytest.fixture
async def ctx(tmp_path: Path) -> AsyncIterator[Context]:
    async with office(tmp_path, rules=Rules(Directory(version=1, partners=(PEER,)))) as made:
        yield made


@pytest.fixture
async def post(ctx: Context, serve_by_one: Any) -> AsyncIterator[Post]:
    app = serve_by_one(ctx, Peering(URL, OURS)).app
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=URL) as client:
        yield Post(ctx, client)


def message(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "referral_id": f"0199d2ff-0000-7000-8000-{number:012}",
        "origin": "hotline-nl",
        "origin_reference": f"case-{number}",
        "received_at": "2026-11-22T08:00:00Z",
        "kind": "url",
        "location": f"https://pages-{number}.test/x",
        "assessment": {"value": "baseline", "assessed_by_role": "analyst", "assessed_at": "2026-11-22T08:30:00Z"},
        "hosting": {"country": "BE", "verdict": "country", "confidence": 0.99, "traced_at": "2026-11-22T08:40:00Z"},
        "path": ["hotline-nl"],
        **more,
    }


def bundle(*messages: dict[str, Any], **more: Any) -> bytes:
    given = {"sender": "hotline-nl", "recipient": "hotline-be", "referrals": list(messages or (message(),)), **more}
    return json.dumps(given).encode()


async def kept(ctx: Context) -> int:
    return len(await ctx.store.rows(select(inbox.c.referral_id)))


async def test_a_signed_bundle_is_taken_and_the_answer_is_signed(post: Post) -> None:
    body = bundle(message(1), message(2))
    headers = post.headers(body)
    answer = await post.client.post(PATH, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert [one["result"] for one in answer.json()["answers"]] == ["accepted", "accepted"]
    assert await kept(post.ctx) == 2
    ours = KeyRing({"hotline-be": [PeerKey(id=OURS.key_id, public=OURS.public)]})
    now = post.ctx.clock.now()
    signed_by = verify_response(
        answer.headers.items(), status=200, body=answer.content, sent=headers, keys=ours, now=now
    )
    assert signed_by == "hotline-be"


async def test_the_same_referral_again_gets_the_same_receipt(post: Post) -> None:
    first, again = [(await post.send(bundle())).json() for _ in range(2)]
    assert first == again
    assert await kept(post.ctx) == 1


async def test_a_request_is_good_once(post: Post, is_problem: Any) -> None:
    body = bundle()
    headers = post.headers(body)
    assert (await post.client.post(PATH, content=body, headers=headers)).status_code == 200
    again = await post.client.post(PATH, content=body, headers=headers)
    is_problem(again, 401, "replayed")
    # Its sender must not take this for a no to its referrals, which would put them on the desk.
    assert isinstance(classify(again.status_code, again.headers, post.ctx.clock.now()), Deferred)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signer": STRANGER}, "unknown_key"),
        ({"signer": Signer(DUTCH.key_id, STRANGER.private)}, "bad_signature"),
        ({"recipient": "hotline-fr"}, "wrong_recipient"),
        ({"target": "https://fr.test" + PATH}, "bad_signature"),
        ({"target": URL + "/v1/inbox/status"}, "bad_signature"),
        ({"now": START - timedelta(minutes=10)}, "expired"),
        ({"now": START + timedelta(minutes=10)}, "clock"),
        ({"nonce": "short"}, "signature_malformed"),
    ],
)
async def test_what_is_not_signed_right_is_refused(
    post: Post, is_problem: Any, change: dict[str, Any], reason: str
) -> None:
    is_problem(await post.send(bundle(), **change), 401, reason)
    assert await kept(post.ctx) == 0


async def test_another_body_than_the_signed_one(post: Post, is_problem: Any) -> None:
    headers = post.headers(bundle(message(1)))
    answer = await post.client.post(PATH, content=bundle(message(2)), headers=headers)
    is_problem(answer, 401, "digest_mismatch")


async def test_a_stranger_is_refused_before_the_body_is_read(post: Post, is_problem: Any) -> None:
    read = []

    async def parts() -> AsyncIterator[bytes]:
        read.append(1)
        yield bundle()

    for headers in ({}, post.headers(bundle(), signer=STRANGER)):
        answer = await post.client.post(PATH, content=parts(), headers=headers)
        assert answer.status_code == 401
    assert read == []


async def test_more_than_the_limit_is_not_read(post: Post, is_problem: Any) -> None:
    headers = post.headers(b"") | {"content-length": str(LIMIT + 1)}
    is_problem(await post.client.post(PATH, content=b"x", headers=headers), 413, "too_large")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{broken", 400, ""),
        (bundle(message(referral_id="x")), 422, "/referrals/0/referral_id"),
        (bundle(sender="hotline-fr"), 422, "/sender"),
        (bundle(referrals=[]), 422, "/referrals"),
        (bundle(*[message(n) for n in range(101)]), 422, "/referrals"),
    ],
)
async def test_a_bundle_that_cannot_be(post: Post, body: bytes, status: int, field: str) -> None:
    answer = await post.send(body)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["field"] == field


TEST = "/v1/inbox/test"


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"path": ["hotline-be", "hotline-nl"]},
        {"path": ["hotline-nl", "hotline-fr"]},
        {"received_at": "2027-11-22T08:00:00Z"},
        {"location": "no place at all"},
        {"kind": "street"},
    ],
)
async def test_a_test_is_judged_as_a_referral_and_nothing_of_it_is_kept(post: Post, change: dict[str, Any]) -> None:
    body = bundle(message(1, **change), message(2))
    judged = await post.send(body, path=TEST)
    assert judged.status_code == 200, judged.text
    assert await _all_rows(post.ctx) == 0
    taken = (await post.send(body)).json()["answers"]
    without = [{name: value for name, value in one.items() if name != "receipt"} for one in taken]
    assert judged.json()["answers"] == without, "of a test is said what is said of a referral, and it has no receipt"


async def _all_rows(ctx: Context) -> int:
    return len(
        [row for table in (inbox, cases, reports, items, case_keys) for row in await ctx.store.rows(select(table))]
    )


async def test_a_test_is_signed_and_for_us_as_a_referral_is(post: Post, is_problem: Any) -> None:
    is_problem(await post.send(bundle(), path=TEST, signer=STRANGER), 401, "unknown_key")
    is_problem(await post.send(bundle(recipient="hotline-fr"), path=TEST), 422, "wrong_sender")


async def test_a_peer_asks_for_its_own_and_takes_back(post: Post) -> None:
    await post.send(bundle(message(1), message(2)))
    ids = [message(n)["referral_id"] for n in (1, 2, 3)]
    query = {"sender": "hotline-nl", "recipient": "hotline-be", "referrals": ids, "withdraw": [ids[1]]}
    answer = await post.send(json.dumps(query).encode(), path="/v1/inbox/status")
    assert answer.status_code == 200, answer.text
    found = {one["referral_id"]: one for one in answer.json()["statuses"]}
    assert [found[one]["known"] for one in ids] == [True, True, False]
    assert [found[one].get("withdrawn") for one in ids] == [False, True, False]


async def test_without_a_public_address_nobody_is_let_in(ctx: Context, is_problem: Any) -> None:
    transport = httpx2.ASGITransport(make_api(ctx))
    async with httpx2.AsyncClient(transport=transport, base_url=URL) as client:
        is_problem(await Post(ctx, client).send(bundle()), 403, "not_allowed")


async def test_a_disabled_peer_is_a_stranger(ctx: Context, post: Post, is_problem: Any) -> None:
    rules: Any = ctx.governance
    rules.directory_ = Directory(version=2, partners=(PEER.model_copy(update={"enabled": False}),))
    is_problem(await post.send(bundle()), 401, "unknown_key")


async def test_a_nonce_may_be_forgotten_when_its_request_is_too_old(post: Post, is_problem: Any) -> None:
    body = bundle()
    headers = post.headers(body)
    await post.client.post(PATH, content=body, headers=headers)
    clock = post.ctx.clock
    assert isinstance(clock, StoryClock)
    clock.advance(timedelta(minutes=7))
    is_problem(await post.client.post(PATH, content=body, headers=headers), 401, "expired")


def test_keys_that_cannot_be_used_pin_nothing() -> None:
    broken = [
        PEER.model_copy(update={"config": config})
        for config in (
            {},
            {"peer": "a"},
            {"peer": "a", "keys": "x"},
            {"peer": "a", "keys": [{"id": "a-1", "public": "x"}]},
        )
    ]
    ring = key_ring(Directory(partners=(*broken, PEER)))
    assert ring.find(DUTCH.key_id, START)[0] == "hotline-nl"
    with pytest.raises(NotSignedIn):
        ring.find("a-1", START)


def test_a_key_ring_is_made_once_for_a_directory_and_anew_for_the_next() -> None:
    pinned, directory = Pinned(), Directory(version=1, partners=(PEER,))
    first = pinned.keys(directory)
    assert pinned.keys(directory) is first
    closed = directory.model_copy(update={"version": 2, "partners": (PEER.model_copy(update={"enabled": False}),)})
    with pytest.raises(NotSignedIn):
        pinned.keys(closed).find(DUTCH.key_id, START)
    assert pinned.keys(directory).find(DUTCH.key_id, START)[0] == "hotline-nl"


async def test_a_peer_that_is_no_longer_enabled_is_a_stranger_at_once(post: Post, is_problem: Any) -> None:
    assert (await post.send(bundle())).status_code == 200
    rules = post.ctx.governance
    assert isinstance(rules, Rules)
    rules.directory_ = Directory(version=2)
    is_problem(await post.send(bundle()), 401, "unknown_key")


async def test_one_bad_message_is_refused_and_the_rest_of_the_bundle_is_taken(post: Post) -> None:
    wrong = [message(1, payment_methods=["amex"] * 14), message(2, hosting=7), message(3, note=7)]
    answer = await post.send(bundle(*wrong, message(4)))
    assert answer.status_code == 200, answer.text
    *refused, taken = answer.json()["answers"]
    assert [one["text"].partition(":")[0] for one in refused] == ["`/payment_methods`", "`/hosting`", "`/note`"]
    assert taken["result"] == "accepted"
    assert await kept(post.ctx) == 1


class Unread:
    """A body that counts whether anybody asked for it."""

    def __init__(self) -> None:
        self.asked = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.asked += 1
        yield b"{}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signature": "sig=:x:"}, "signature_malformed"),
        ({"signature-input": "x"}, "signature_malformed"),
        ({"recipient": "hotline-fr"}, "bad_signature"),
        ({"content-length": str(LIMIT + 1)}, "too_large"),
        ({"content-digest": "sha-256=:x:"}, "bad_signature"),
    ],
)
async def test_all_of_a_request_is_judged_before_its_body_is_read(
    post: Post, change: dict[str, str], reason: str
) -> None:
    body = Unread()
    answer = await post.client.post(PATH, content=body, headers={**post.headers(b"{}"), **change})
    assert (answer.json()["reason"], body.asked) == (reason, 0)


async def test_a_stranger_s_request_that_was_caught_and_sent_again_is_not_read_either(post: Post) -> None:
    headers, body = post.headers(bundle()), Unread()
    await post.client.post(PATH, content=bundle(), headers=headers)
    answer = await post.client.post(PATH, content=body, headers=headers)
    assert (answer.json()["reason"], body.asked) == ("replayed", 0)


async def test_a_query_that_was_added_on_the_way_does_not_fit_the_signature(post: Post, is_problem: Any) -> None:
    body = bundle()
    headers = post.headers(body)
    is_problem(await post.client.post(f"{PATH}?to=x", content=body, headers=headers), 401, "bad_signature")
    signed = post.headers(body, target=f"{URL}{PATH}?to=x")
    assert (await post.client.post(f"{PATH}?to=x", content=body, headers=signed)).status_code == 200


async def test_a_bundle_of_a_later_version_is_taken_and_its_rest_is_sealed_for_who_may_reveal(
    post: Post, tmp_path: Path
) -> None:
    later = {
        **message(1),
        "seen_by": "marked-later",
        "urgency": "later_word",
        "hosting": {**message()["hosting"], "q": 1},
    }
    answer = await post.send(bundle(later, message(2), batch="marked-later"))
    assert [one["result"] for one in answer.json()["answers"]] == ["accepted", "accepted"]
    assert answer.headers["Protocol-Version"] == PROTOCOL
    again = await post.send(bundle(message(2)))
    assert [one["result"] for one in again.json()["answers"]] == ["accepted"], (
        "the same referral, with its rest or without"
    )
    (row,) = [one for one in await post.ctx.store.rows(select(cases)) if one["urgency"] == "imminent_risk"]
    masked = await case_file(post.ctx, row["id"])
    assert "marked-later" not in masked.model_dump_json()
    shown = await case_file(post.ctx, row["id"], reveal_to=ANALYST, reason="to see it")
    kept = json.loads(shown.items[0].unread or "")
    assert kept["referral"] == {"seen_by": "marked-later", "urgency": "later_word", "hosting": {"q": 1}}
    assert kept["bundle"] == {"batch": "marked-later"}
    assert not any(b"marked-later" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


async def test_a_question_of_a_later_version_is_answered(post: Post) -> None:
    given = {"sender": "hotline-nl", "recipient": "hotline-be", "referrals": [], "since": "2026"}
    answer = await post.send(json.dumps(given).encode(), path="/v1/inbox/status")
    assert answer.status_code == 200
