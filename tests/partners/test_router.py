import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.clock import StoryClock, SystemClock
from router.errors import BadInput, NoAnswer
from router.partners import profile
from router.partners.base import Accepted, Deferred, Reason, Refused, SentReferral, Tools, Unknown
from router.partners.keys import Signer
from router.partners.router import RouterConfig, RouterDialect
from schemas.exchange import PROTOCOL
from schemas.partner import Partner, PartnerKind
from schemas.vocabulary import ActionType
from tests.loopback import Loopback
from tests.partners.conformance_http import HttpPromises, HttpStage
from tests.partners.peer import Message, PeerInbox, Reply
from tests.referrals import a_message

HOST = "nl.hotline.test"
OURS = Signer("hotline-be-2026", Ed25519PrivateKey.generate())
OLDER = Signer("hotline-be-2025", Ed25519PrivateKey.generate())
THEIRS = Signer("hotline-nl-2026", Ed25519PrivateKey.generate())


def partner(**changes: object) -> Partner:
    config: dict[str, object] = {
        "url": f"https://{HOST}",
        "peer": "hotline-nl",
        "keys": [{"id": THEIRS.key_id, "public": THEIRS.public}],
    }
    return Partner(name="nl", title="Offlimits", kind=PartnerKind.HOTLINE, config=config | changes)


@pytest.fixture
async def inbox(net: Loopback) -> PeerInbox:
    known = {OURS.key_id: OURS.private.public_key(), OLDER.key_id: OLDER.private.public_key()}
    server = PeerInbox("hotline-nl", HOST, THEIRS.private, known)
    await net.serve(HOST, server.take)
    return server


@pytest.fixture
async def stage(net: Loopback, inbox: PeerInbox) -> HttpStage:
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (OURS, OLDER))
    return HttpStage(RouterDialect(tools), partner(), inbox, net, [OURS.public, THEIRS.public])


def sent(*referral_ids: str) -> list[SentReferral]:
    return [SentReferral(one) for one in referral_ids]


class TestRouter(HttpPromises):
    @pytest.fixture
    def stage(self, stage: HttpStage) -> HttpStage:
        return stage


async def test_the_frozen_bytes_are_what_travels(stage: HttpStage, inbox: PeerInbox) -> None:
    bodies: list[bytes] = []
    original = inbox._answer
    inbox._answer = lambda path, body: (bodies.append(body), original(path, body))[1]  # type: ignore[method-assign] # it lies
    envelopes = [stage.envelope(), stage.envelope()]
    await stage.dialect.send(stage.partner, envelopes)
    assert all(one.payload in bodies[0] for one in envelopes)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (("hotline-be",), True),
        (("hotline-de", "hotline-fr", "hotline-be"), True),
        (("hotline-nl", "hotline-be"), False),
        (("hotline-de", "hotline-fr", "hotline-ca", "hotline-be"), False),
    ],
)
async def test_a_referral_never_returns_and_goes_through_three_hands_at_most(
    stage: HttpStage, inbox: PeerInbox, path: tuple[str, ...], sent: bool
) -> None:
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope(a_message(path=path))])
    assert isinstance(outcome, Accepted if sent else Refused)
    assert bool(inbox.seen) == sent


async def test_what_must_stay_does_not_hold_up_what_may_go(stage: HttpStage, inbox: PeerInbox) -> None:
    stays = stage.envelope(a_message(path=("hotline-nl", "hotline-be")))
    goes = stage.envelope()
    first, second = await stage.dialect.send(stage.partner, [stays, goes])
    assert isinstance(first, Refused)
    assert isinstance(second, Accepted)
    inbox.status = 503
    first, second = await stage.dialect.send(stage.partner, [stays, goes])
    assert isinstance(first, Refused)
    assert isinstance(second, Deferred)


async def test_each_referral_has_the_partners_own_answer(stage: HttpStage, inbox: PeerInbox) -> None:
    envelopes = [stage.envelope() for _ in range(4)]
    answers = {
        envelopes[0].referral_id: {"result": "accepted", "receipt": "nl-1"},
        envelopes[1].referral_id: {"result": "refused", "text": "see https://secret.test/x"},
        envelopes[2].referral_id: {"result": "deferred"},
        envelopes[3].referral_id: {"result": "accepted"},  # without a receipt it proves nothing
    }
    inbox.judge = answers.__getitem__
    accepted, refused, deferred, unknown = await stage.dialect.send(stage.partner, envelopes)
    assert accepted == Accepted("nl-1")
    assert isinstance(refused, Refused)
    assert "secret.test" not in refused.text
    assert isinstance(deferred, Deferred)
    assert deferred.reason is Reason.PARTNER_DEFERS
    assert isinstance(unknown, Unknown)


@pytest.mark.parametrize(
    "others", [{"result": "refused"}, {"result": "deferred"}, {"result": "accepted", "receipt": "2"}]
)
@pytest.mark.parametrize("first", [True, False])
async def test_an_answer_that_says_two_things_of_one_says_nothing(
    stage: HttpStage, inbox: PeerInbox, others: dict[str, str], first: bool
) -> None:
    envelopes = [stage.envelope(), stage.envelope()]
    (one, two) = (envelope.referral_id for envelope in envelopes)
    both = [{"referral_id": one, "result": "accepted", "receipt": "1"}, {"referral_id": one} | others]
    answers = [*(both if first else both[::-1]), {"referral_id": two, "result": "accepted", "receipt": "3"}]
    inbox._answer = lambda path, body: {"answers": answers}  # type: ignore[method-assign] # it contradicts itself
    contradicted, other = await stage.dialect.send(stage.partner, envelopes)
    assert isinstance(contradicted, Unknown)
    assert contradicted.reason is Reason.CONTRADICTS_ITSELF
    assert other == Accepted("3"), "which says nothing of the others"


async def test_said_twice_alike_it_is_said(stage: HttpStage, inbox: PeerInbox) -> None:
    original = inbox._answer
    inbox._answer = lambda path, body: {"answers": (original(path, body) or {})["answers"] * 2}  # type: ignore[method-assign] # it repeats itself
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Accepted)


async def test_of_referrals_that_nobody_asked_about_nothing_is_heard(stage: HttpStage, inbox: PeerInbox) -> None:
    ours, other = stage.envelope().referral_id, stage.envelope().referral_id
    inbox.effects = {ours: 1, other: 1}
    original = inbox._status
    inbox._answer = lambda path, body: {"statuses": [original(other), original(ours)]}  # type: ignore[method-assign] # it says too much
    found = await stage.dialect.status(stage.partner, sent(ours))
    assert [one.referral_id for one in found or ()] == [ours]


async def test_a_status_that_contradicts_itself_is_no_status(stage: HttpStage, inbox: PeerInbox) -> None:
    ours = stage.envelope().referral_id
    statuses = [{"referral_id": ours, "known": True, "withdrawn": said, "actions": []} for said in (True, False)]
    inbox._answer = lambda path, body: {"statuses": statuses}  # type: ignore[method-assign] # it contradicts itself
    with pytest.raises(NoAnswer) as refused:
        await stage.dialect.status(stage.partner, sent(ours))
    assert refused.value.reason == Reason.CONTRADICTS_ITSELF
    (outcome,) = await stage.dialect.withdraw(stage.partner, sent(ours)) or ()
    assert isinstance(outcome, Unknown)
    assert outcome.reason is Reason.CONTRADICTS_ITSELF


async def test_an_answer_that_leaves_one_out_says_nothing_of_it(stage: HttpStage, inbox: PeerInbox) -> None:
    original = inbox._answer
    inbox._answer = lambda path, body: {"answers": (original(path, body) or {})["answers"][:1]}  # type: ignore[method-assign] # it lies
    first, second = await stage.dialect.send(stage.partner, [stage.envelope(), stage.envelope()])
    assert isinstance(first, Accepted)
    assert isinstance(second, Unknown)


def _other_body(reply: Reply, body: bytes) -> bytes:
    return body.replace(b"accepted", b"refused!")


def _no_signature(reply: Reply, body: bytes) -> bytes:
    del reply.headers["Signature"]
    return body


def _other_status(reply: Reply, body: bytes) -> bytes:
    reply.status_code = 201
    return body


@pytest.mark.parametrize("forge", [_other_body, _no_signature, _other_status])
async def test_an_answer_that_the_peer_did_not_sign_proves_nothing(
    stage: HttpStage, inbox: PeerInbox, forge: Callable[[Reply, bytes], bytes]
) -> None:
    inbox.forge = forge
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Unknown)
    assert outcome.reason is Reason.NOT_AUTHENTIC


async def test_an_answer_to_another_request_proves_nothing(stage: HttpStage, inbox: PeerInbox) -> None:
    kept: list[tuple[dict[str, str], bytes]] = []

    def replay(reply: Reply, body: bytes) -> bytes:
        kept.append((dict(reply.headers), body))
        reply.headers.clear()
        reply.headers.update(kept[0][0])
        return kept[0][1]

    inbox.forge = replay
    envelope = stage.envelope()
    (first,) = await stage.dialect.send(stage.partner, [envelope])
    (second,) = await stage.dialect.send(stage.partner, [envelope])
    assert isinstance(first, Accepted)
    assert isinstance(second, Unknown)


async def test_a_key_that_is_not_pinned_proves_nothing(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.private = Ed25519PrivateKey.generate()
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Unknown)
    inbox.key_id = "somebody-else"
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Unknown)


async def test_an_authentic_answer_of_another_shape_is_not_understood(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox._answer = lambda path, body: {"answers": "yes"}  # type: ignore[method-assign] # it lies
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Unknown)
    assert outcome.reason is Reason.NOT_UNDERSTOOD


async def test_a_peer_that_does_not_know_our_key_is_our_fault(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.known.clear()
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Deferred)
    assert (outcome.reason, outcome.counted) == (Reason.BAD_SIGNATURE, False)  # so this fake calls a key it has not
    assert not (await stage.dialect.check(stage.partner)).ok


async def test_a_request_meant_for_somebody_else_is_not_taken(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.name = "hotline-de"
    (outcome,) = await stage.dialect.send(stage.partner, [stage.envelope()])
    assert isinstance(outcome, Deferred)
    assert outcome.reason is Reason.WRONG_RECIPIENT


def _doubled(inbox: PeerInbox) -> None:
    """Let something on the way hand the peer each request twice, and pass on the answer to the second."""
    judge = inbox._refusal

    def after_its_copy(message: Message, body: bytes) -> str | None:
        if judge(message, body) is None:
            inbox._answer(message.url.removeprefix(f"https://{HOST}"), body)
        return judge(message, body)

    inbox._refusal = after_its_copy  # type: ignore[method-assign] # the wire lies


async def test_what_came_as_a_copy_of_our_request_may_have_arrived(stage: HttpStage, inbox: PeerInbox) -> None:
    honest = inbox._refusal
    _doubled(inbox)
    envelope = stage.envelope()
    (outcome,) = await stage.dialect.send(stage.partner, [envelope])
    assert isinstance(outcome, Unknown)
    assert (outcome.reason, inbox.effects) == (Reason.NO_ANSWER, {envelope.referral_id: 1})
    withdrawn = await stage.dialect.withdraw(stage.partner, sent(envelope.referral_id))
    assert withdrawn == [outcome]  # asked again, as after any lost answer
    inbox._refusal = honest  # type: ignore[method-assign] # and no longer
    assert isinstance((await stage.dialect.send(stage.partner, [envelope]))[0], Accepted)
    assert inbox.effects == {envelope.referral_id: 1}


async def test_a_clock_that_is_wrong_is_noticed(net: Loopback, inbox: PeerInbox) -> None:
    late = StoryClock(datetime.now(UTC) - timedelta(hours=1))
    dialect = RouterDialect(Tools(await net.egress(), late, "hotline-be", (OURS,)))
    inbox._refusal = lambda message, body: "expired"  # type: ignore[method-assign] # as this router says it of itself
    found = await dialect.check(partner())
    assert not found.ok
    assert found.reason is Reason.CLOCK
    assert "ours is 3600 seconds behind" in found.text or "ours is 3599 seconds behind" in found.text
    assert (dialect.clock_ahead(partner().name) or 0) // 60 in (59, 60)


async def test_how_far_the_peers_clock_is_from_ours_is_heard_from_what_it_signs(
    stage: HttpStage, inbox: PeerInbox
) -> None:
    assert stage.dialect.clock_ahead(stage.partner.name) is None
    await stage.dialect.check(stage.partner)
    assert stage.dialect.clock_ahead(stage.partner.name) in (-1, 0)


async def test_an_answer_from_another_time_says_so(net: Loopback, inbox: PeerInbox) -> None:
    inbox.rules = frozenset()
    late = StoryClock(datetime.now(UTC) - timedelta(hours=1))
    dialect = RouterDialect(Tools(await net.egress(), late, "hotline-be", (OURS,)))
    found = await dialect.check(partner())
    assert found.reason is Reason.NOT_AUTHENTIC
    assert "set the clocks" in found.text


async def test_the_older_key_is_used_where_the_peer_has_only_that_one(stage: HttpStage, inbox: PeerInbox) -> None:
    del inbox.known[OURS.key_id]
    assert (await stage.dialect.check(partner(our_key=OLDER.key_id))).ok
    with pytest.raises(BadInput) as refused:
        await stage.dialect.send(partner(our_key="hotline-be-1999"), [stage.envelope()])
    assert refused.value.reason == Reason.MISCONFIGURED


async def test_a_peers_two_keys_need_two_names(stage: HttpStage) -> None:
    twice = partner(keys=[{"id": "one", "public": THEIRS.public}] * 2)
    with pytest.raises(BadInput):
        await stage.dialect.send(twice, [stage.envelope()])


async def test_settings_are_read_again_when_the_directory_changes(stage: HttpStage, net: Loopback) -> None:
    await stage.dialect.check(partner())
    assert not (await stage.dialect.check(partner(url="https://moved.test"))).ok
    assert net.lookups[-1] == "moved.test"


async def test_the_status_of_many_is_asked_in_pieces(stage: HttpStage, inbox: PeerInbox) -> None:
    envelope = stage.envelope()
    await stage.dialect.send(stage.partner, [envelope])
    inbox.seen.clear()
    asked = [envelope.referral_id, *(f"unknown-{n}" for n in range(600))]
    found = await stage.dialect.status(stage.partner, sent(*asked))
    assert found is not None
    assert [status.referral_id for status in found] == asked
    assert (found[0].known, found[0].actions[0].action) == (True, ActionType.REMOVED)
    assert not any(status.known for status in found[1:])
    assert len(inbox.seen) == 2


async def test_a_status_that_nobody_gives_is_no_answer(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.status = 503
    with pytest.raises(NoAnswer) as failed:
        await stage.dialect.status(stage.partner, sent("x"))
    assert failed.value.reason == Reason.BUSY


async def test_a_withdrawn_referral_is_dropped(stage: HttpStage, inbox: PeerInbox) -> None:
    envelope = stage.envelope()
    await stage.dialect.send(stage.partner, [envelope])
    never_arrived = stage.envelope()
    outcomes = await stage.dialect.withdraw(stage.partner, sent(envelope.referral_id, never_arrived.referral_id))
    assert outcomes == [Accepted("withdrawn"), Accepted("withdrawn")]
    assert inbox.withdrawn == {envelope.referral_id, never_arrived.referral_id}


async def test_what_the_peer_acted_on_is_not_dropped(stage: HttpStage, inbox: PeerInbox) -> None:
    envelope = stage.envelope()
    await stage.dialect.send(stage.partner, [envelope])
    status = inbox._status
    inbox._status = lambda one: status(one) | {"withdrawn": False}  # type: ignore[method-assign] # it lies
    outcomes = await stage.dialect.withdraw(stage.partner, sent(envelope.referral_id))
    assert outcomes is not None
    assert isinstance(outcomes[0], Refused)
    inbox._status = lambda one: status("other")  # type: ignore[method-assign] # it lies
    outcomes = await stage.dialect.withdraw(stage.partner, sent(envelope.referral_id))
    assert outcomes is not None
    assert isinstance(outcomes[0], Unknown)


async def test_a_withdrawal_that_fails_says_so_for_each(stage: HttpStage, inbox: PeerInbox) -> None:
    inbox.status = 500
    outcomes = await stage.dialect.withdraw(stage.partner, sent("a", "b"))
    assert outcomes is not None
    assert [type(one) for one in outcomes] == [Deferred, Deferred]


def test_the_settings_in_the_protocol_page_can_be_used() -> None:
    page = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    config = tomllib.loads(example)["partners"][0]["config"]
    assert RouterConfig.model_validate(config).peer == "hotline-nl"
    for covered in (profile.REQUEST, profile.ANSWER):
        assert covered.covered in page
        assert f'tag="{covered.tag}"' in page


async def test_a_partner_of_a_later_version_costs_nothing_of_its_answers(stage: HttpStage, inbox: PeerInbox) -> None:
    envelopes = [stage.envelope() for _ in range(3)]
    said = zip(envelopes, ("accepted", "later_word", "accepted"), strict=True)
    answers = [{"referral_id": one.referral_id, "result": word, "receipt": "1", "x": 3} for one, word in said]
    inbox._answer = lambda path, body: {"answers": answers, "took": 1}  # type: ignore[method-assign] # it is newer
    outcomes = await stage.dialect.send(stage.partner, envelopes)
    assert (outcomes[0], outcomes[2]) == (Accepted("1"), Accepted("1"))
    assert isinstance(outcomes[1], Unknown)
    assert inbox.seen[-1].headers["Protocol-Version"] == PROTOCOL


async def test_an_action_that_we_do_not_know_is_kept_as_its_word(stage: HttpStage, inbox: PeerInbox) -> None:
    ours, other = stage.envelope().referral_id, stage.envelope().referral_id
    at, words = "2026-11-21T10:00:00Z", {ours: ["HandedToEuropol", "Removed"], other: ["see https://a.test"]}
    statuses = [
        {"referral_id": one, "known": True, "actions": [{"action": word, "at": at, "unit": "x"} for word in said]}
        for one, said in words.items()
    ]
    inbox._answer = lambda path, body: {"statuses": statuses}  # type: ignore[method-assign] # it is newer
    found = await stage.dialect.status(stage.partner, sent(ours, other))
    assert [(status.referral_id, [one.action for one in status.actions]) for status in found or ()] == [
        (ours, ["HandedToEuropol", ActionType.REMOVED])
    ], "and of what is no word nothing is heard"
