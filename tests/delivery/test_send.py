"""One attempt with the real dialects against real servers that go wrong in every way."""

import io
from asyncio import CancelledError, create_task, get_running_loop, sleep
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.clock import SystemClock
from router.delivery.send import CALLS, attempt
from router.errors import NoAnswer
from router.guard import log
from router.partners.base import Accepted, Deferred, Dialect, Envelope, Outcome, Reason, Refused, Tools, Unknown
from router.partners.keys import Signer
from router.partners.router import RouterDialect
from router.partners.webhook import WebhookDialect
from schemas.partner import Partner, PartnerKind
from tests.loopback import Loopback
from tests.partners import endpoint
from tests.partners.conformance_http import HttpStage
from tests.partners.peer import PeerInbox
from tests.referrals import CANARY

PEER = "nl.hotline.test"
OURS = Signer("hotline-be-2026", Ed25519PrivateKey.generate())
THEIRS = Signer("hotline-nl-2026", Ed25519PrivateKey.generate())


@pytest.fixture
async def hook(net: Loopback) -> HttpStage:
    server = endpoint.Endpoint()
    await net.serve(endpoint.HOST, server.take)
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (), endpoint.secret)
    return HttpStage(WebhookDialect(tools), endpoint.partner(), server, net)


@pytest.fixture
async def inbox(net: Loopback) -> PeerInbox:
    server = PeerInbox("hotline-nl", PEER, THEIRS.private, {OURS.key_id: OURS.private.public_key()})
    await net.serve(PEER, server.take)
    return server


@pytest.fixture
async def peer(net: Loopback, inbox: PeerInbox) -> HttpStage:
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (OURS,))
    config = {"url": f"https://{PEER}", "peer": "hotline-nl", "keys": [{"id": THEIRS.key_id, "public": THEIRS.public}]}
    partner = Partner(name="nl", title="Offlimits", kind=PartnerKind.HOTLINE, config=config)
    return HttpStage(RouterDialect(tools), partner, inbox, net)


async def one(stage: HttpStage, partner: Partner | None = None, deadline: float = 5.0) -> Outcome:
    (outcome,) = await attempt(stage.dialect, partner or stage.partner, [stage.envelope()], deadline)
    return outcome


async def test_what_is_taken_is_accepted(hook: HttpStage) -> None:
    assert isinstance(await one(hook), Accepted)


async def test_a_name_that_comes_back_within_the_attempt_is_no_failure(hook: HttpStage) -> None:
    there = hook.net.hosts.pop(endpoint.HOST)
    trying = create_task(one(hook))
    await sleep(0.01)
    hook.net.hosts[endpoint.HOST] = there
    assert isinstance(await trying, Accepted)


async def test_a_partner_that_stays_away_is_called_three_times_and_deferred(hook: HttpStage) -> None:
    hook.net.hosts.clear()
    outcome = await one(hook)
    assert isinstance(outcome, Deferred)
    assert (outcome.reason, outcome.counted) == (Reason.UNREACHABLE, True)
    assert len(hook.net.lookups) == CALLS


async def test_the_deadline_bounds_all_calls_together(hook: HttpStage) -> None:
    hook.net.hosts.clear()
    begun = get_running_loop().time()
    outcome = await one(hook, deadline=0.001)
    assert isinstance(outcome, Deferred)
    assert get_running_loop().time() - begun < 1
    assert len(hook.net.lookups) < CALLS


async def test_a_wrong_certificate_is_not_asked_twice(hook: HttpStage, net: Loopback) -> None:
    net.hosts.clear()
    await net.serve(endpoint.HOST, hook.server.take, tls=net.certificate("other.test"))  # type: ignore[attr-defined] # a webhook's
    outcome = await one(hook)
    assert isinstance(outcome, Deferred)
    assert outcome.reason is Reason.INSECURE
    assert len(net.lookups) == 1


async def test_an_address_inside_our_own_network_is_our_fault(hook: HttpStage) -> None:
    hook.net.place(endpoint.HOST, "10.0.0.1", 443, 1)
    outcome = await one(hook)
    assert isinstance(outcome, Deferred)
    assert (outcome.reason, outcome.counted) == (Reason.GUARD_REFUSED, False)
    assert outcome.retry_after


async def test_settings_that_cannot_be_used_are_our_fault(hook: HttpStage) -> None:
    outcome = await one(hook, endpoint.partner(secrets=[]))
    assert isinstance(outcome, Deferred)
    assert (outcome.reason, outcome.counted) == (Reason.MISCONFIGURED, False)


async def test_silence_after_the_first_byte_is_unknown_and_not_repeated(hook: HttpStage) -> None:
    hook.server.delay = 5
    outcome = await one(hook, deadline=0.3)
    assert isinstance(outcome, Unknown)
    assert outcome.reason is Reason.NO_ANSWER
    assert len(hook.server.seen) == 1


class Odd:
    """A dialect with one fault; everything else is the real one's."""

    def __init__(self, real: Dialect, fault: Exception | list[Outcome]) -> None:
        self._real = real
        self._fault = fault

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    async def send(self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = 0.0) -> list[Outcome]:
        if isinstance(self._fault, Exception):
            raise self._fault
        return self._fault


@pytest.mark.parametrize(
    ("fault", "word", "reason"),
    [
        (NoAnswer(http_status=503), Deferred, Reason.BUSY),
        (NoAnswer(http_status=422), Refused, Reason.REFUSED),
        (NoAnswer(http_status=200), Unknown, Reason.NO_ANSWER),
        (NoAnswer(), Unknown, Reason.NO_ANSWER),
        (ZeroDivisionError(CANARY), Unknown, Reason.UNEXPECTED),
        (KeyError(CANARY), Unknown, Reason.UNEXPECTED),
        ([], Unknown, Reason.UNEXPECTED),
        ([Accepted("a"), Accepted("b")], Unknown, Reason.UNEXPECTED),
    ],
)
async def test_whatever_goes_wrong_the_referral_stays_visible(
    hook: HttpStage, log_restored: None, fault: Exception | list[Outcome], word: type, reason: Reason
) -> None:
    written = io.StringIO()
    log.set_up(written)
    odd: Any = Odd(hook.dialect, fault)
    outcome = await one(HttpStage(odd, hook.partner, hook.server, hook.net))
    assert isinstance(outcome, word)
    assert getattr(outcome, "reason", None) is reason
    assert CANARY not in written.getvalue() + repr(outcome)
    assert ("attempt_failed" in written.getvalue()) == (
        isinstance(fault, Exception) and not isinstance(fault, NoAnswer)
    )


async def test_a_dialect_that_never_ends_is_ended(hook: HttpStage) -> None:
    class Endless(Odd):
        async def send(self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = 0.0) -> list[Outcome]:
            await sleep(60)
            return []

    begun = get_running_loop().time()
    endless: Any = Endless(hook.dialect, [])
    outcome = await one(HttpStage(endless, hook.partner, hook.server, hook.net), deadline=0.01)
    assert isinstance(outcome, Unknown)
    assert get_running_loop().time() - begun < 3


async def test_a_worker_that_stops_stops_the_attempt(hook: HttpStage) -> None:
    hook.server.delay = 5
    trying = create_task(one(hook))
    await sleep(0.05)
    trying.cancel()
    with pytest.raises(CancelledError):
        await trying


@pytest.mark.parametrize("most", [1, 3, 7])
async def test_a_batch_that_is_too_large_is_split_until_it_fits(peer: HttpStage, inbox: PeerInbox, most: int) -> None:
    inbox.most = most
    envelopes = [peer.envelope() for _ in range(10)]
    outcomes = await attempt(peer.dialect, peer.partner, envelopes, 10.0)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert list(inbox.effects) == [one.referral_id for one in envelopes]


async def test_a_single_one_that_is_too_large_is_for_people(peer: HttpStage, inbox: PeerInbox) -> None:
    inbox.most = 0
    envelopes = [peer.envelope() for _ in range(4)]
    outcomes = await attempt(peer.dialect, peer.partner, envelopes, 10.0)
    assert {type(outcome) for outcome in outcomes} == {Refused}
    assert len(inbox.seen) == 7  # one of four, two of two, four of one


async def test_every_referral_of_a_call_that_failed_has_the_calls_outcome(peer: HttpStage) -> None:
    peer.net.hosts.clear()
    outcomes = await attempt(peer.dialect, peer.partner, [peer.envelope() for _ in range(3)], 5.0)
    assert [type(outcome) for outcome in outcomes] == [Deferred] * 3
