"""A peer is sent a test: about no place, judged there as a referral is, and never one of them."""

import pytest

from router.clock import SystemClock
from router.partners.base import Tools
from router.partners.router import RouterDialect
from tests.loopback import Loopback
from tests.partners.conformance_http import HttpStage
from tests.partners.peer import PeerInbox
from tests.partners.test_router import HOST, OURS, THEIRS, partner


@pytest.fixture
async def inbox(net: Loopback) -> PeerInbox:
    server = PeerInbox("hotline-nl", HOST, THEIRS.private, {OURS.key_id: OURS.private.public_key()})
    await net.serve(HOST, server.take)
    return server


@pytest.fixture
async def stage(net: Loopback, inbox: PeerInbox) -> HttpStage:
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (OURS,))
    return HttpStage(RouterDialect(tools), partner(), inbox, net, [OURS.public, THEIRS.public])


async def test_a_test_is_about_no_place_and_judged_by_the_peer(stage: HttpStage, inbox: PeerInbox) -> None:
    found = await stage.dialect.rehearse(stage.partner)
    assert found.ok, found.text
    (request,) = inbox.seen
    assert request.path == "/v1/inbox/test"
    assert inbox.effects == {}, "nothing of it is a referral there"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            {"result": "refused", "reason": "clock", "text": "It came from next week; see https://secret.test/x"},
            "next week",
        ),
        ({"result": "deferred", "text": "closed today"}, "closed today"),
    ],
)
async def test_what_a_peer_would_not_take_it_says_of_a_test(
    stage: HttpStage, inbox: PeerInbox, answer: dict[str, str], says: str
) -> None:
    inbox.judge = lambda _: answer
    found = await stage.dialect.rehearse(stage.partner)
    assert not found.ok
    assert says in found.text
    assert "secret.test" not in found.text


async def test_a_peer_that_knows_no_test_yet_is_told_apart(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.status = 404
    found = await stage.dialect.rehearse(stage.partner)
    assert not found.ok
    assert "1.4" in found.text
    inbox.status = 503
    found = await stage.dialect.rehearse(stage.partner)
    assert not found.ok
    assert "1.4" not in found.text


async def test_an_answer_to_a_test_that_says_nothing_of_it_is_none(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox._answer = lambda path, body: {"answers": []}  # type: ignore[method-assign] # it says nothing
    assert not (await stage.dialect.rehearse(stage.partner)).ok
    inbox.known.clear()
    assert not (await stage.dialect.rehearse(stage.partner)).ok, "nor one to a key that it does not know"
