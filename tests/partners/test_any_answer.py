"""Whatever a partner answers, each referral gets exactly one outcome: never an error, never a yes that nobody said."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.clock import SystemClock
from router.delivery.send import attempt
from router.guard.retry_after import LONGEST_WAIT
from router.partners import webhook as webhook_module
from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused, Tools, Unknown
from router.partners.keys import Signer
from router.partners.router import RouterDialect
from router.partners.webhook import WebhookDialect
from schemas.partner import Partner, PartnerKind
from tests.hosting.mutations import JSON, mutated
from tests.loopback import Loopback
from tests.partners import endpoint
from tests.partners.conformance_http import HttpStage
from tests.partners.peer import ANSWER, ANSWER_TAG, Message, Reply, library_sign
from tests.partners.scripted import SCRIPTS, Asked, Framing, Said, Script, ScriptedPartner
from tests.referrals import a_message

HOST = "nl.hotline.test"
OURS = Signer("hotline-be-2026", Ed25519PrivateKey.generate())
THEIRS = Signer("hotline-nl-2026", Ed25519PrivateKey.generate())
STRANGER = Ed25519PrivateKey.generate()
QUIET = Said({}, b"")
#: Seconds: what hangs or is silent ends with it.
DEADLINE = 0.3
EXAMPLES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def is_sound(outcomes: Sequence[Outcome], count: int) -> bool:
    """One outcome each, each with a sentence, and no wait beyond a day."""
    waits = [one.retry_after for one in outcomes if isinstance(one, Deferred)]
    said = [one.text for one in outcomes if not isinstance(one, Accepted)]
    return (
        len(outcomes) == count
        and all(isinstance(one, get_args(Outcome)) for one in outcomes)
        and all(wait is None or 0 <= wait <= LONGEST_WAIT for wait in waits)
        and all(text and text.isprintable() for text in said)
        and not any(getattr(one, "reason", None) is Reason.UNEXPECTED for one in outcomes)  # the dialect understood it
    )


@pytest.fixture
async def scripted(net: Loopback) -> ScriptedPartner:
    server = ScriptedPartner(Script(200, Framing.WHOLE), lambda _: QUIET)
    for host, ip in ((HOST, "3.120.0.1"), (endpoint.HOST, "3.120.0.2")):
        await net.listen(host, server.talk, ip=ip)
    return server


# -- a webhook ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def hook(net: Loopback, monkeypatch: pytest.MonkeyPatch) -> HttpStage:
    monkeypatch.setattr(webhook_module, "BODY_WITHIN", 0.02)
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (), endpoint.secret)
    return HttpStage(WebhookDialect(tools), endpoint.partner(), None, net)  # type: ignore[arg-type] # no server is asked


RECEIPTS = st.none() | st.sampled_from(["P-1", "17", "x" * 301, "", "a\x00b"])
BODIES = JSON.map(json.dumps).map(str.encode) | st.binary(max_size=40) | st.just(b"<html>We are working on it</html>")


@EXAMPLES
@given(script=SCRIPTS, body=BODIES)
async def test_without_a_promised_receipt_any_2xx_is_a_yes_whatever_its_body(
    hook: HttpStage, scripted: ScriptedPartner, script: Script, body: bytes
) -> None:
    scripted.script, scripted.speak = script, lambda _: Said({}, body)
    outcomes = await attempt(hook.dialect, hook.partner, [hook.envelope()], DEADLINE)
    assert is_sound(outcomes, 1)
    if script.is_yes:
        assert outcomes == [Accepted(None)], (script, body)
    elif script.framing is not Framing.BAD_CHUNK or script.status // 100 != 2:
        assert not isinstance(outcomes[0], Accepted)


@EXAMPLES
@given(script=SCRIPTS, receipt=RECEIPTS, in_header=st.booleans(), body=BODIES)
async def test_where_a_receipt_is_promised_only_the_receipt_is_a_yes(
    hook: HttpStage, scripted: ScriptedPartner, script: Script, receipt: str | None, in_header: bool, body: bytes
) -> None:
    usable = receipt if receipt in ("P-1", "17") else None
    said = Said({"X-Case": usable} if usable else {}, body)
    if not in_header:
        said = Said({}, body if receipt is None else json.dumps({"case": {"id": receipt}}).encode())
    scripted.script, scripted.speak = script, lambda _: said
    partner = endpoint.partner(**{"receipt_header": "X-Case"} if in_header else {"receipt_pointer": "/case/id"})
    (outcome,) = outcomes = await attempt(hook.dialect, partner, [hook.envelope()], DEADLINE)
    assert is_sound(outcomes, 1)
    there = script.is_yes if in_header else script.has_body
    if there and usable:
        assert outcome == Accepted(usable)
    else:
        assert not isinstance(outcome, Accepted) or (not in_header and receipt is None)  # by chance in drawn JSON
    if script.is_yes and not isinstance(outcome, Accepted):
        assert isinstance(outcome, Unknown)
        assert outcome.reason is Reason.NO_RECEIPT


# -- a peer ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def peer(net: Loopback) -> HttpStage:
    key = {"id": THEIRS.key_id, "public": THEIRS.public}
    config: dict[str, Any] = {"url": f"https://{HOST}", "peer": "hotline-nl", "keys": [key]}
    partner = Partner(name="nl", title="Offlimits", kind=PartnerKind.HOTLINE, dialect="router", config=config)
    tools = Tools(await net.egress(), SystemClock(), "hotline-be", (OURS,))
    return HttpStage(RouterDialect(tools), partner, None, net)  # type: ignore[arg-type] # no server is asked


@dataclass(frozen=True)
class Claim:
    """What an answer claims of one of the referrals sent (0, 1) or of another one (2)."""

    of: int
    result: str
    receipt: str | None = None

    def json(self, ids: Sequence[str]) -> str:
        """As text, since what is wrong with an answer may be that a name stands twice in it."""
        receipt = "" if self.receipt is None else f', "receipt": {json.dumps(self.receipt)}'
        return f'{{"referral_id": "{ids[self.of]}", "result": "{self.result}"{receipt}}}'


CLAIMS = st.lists(
    st.builds(
        Claim,
        st.integers(0, 2),
        st.sampled_from(["accepted", "refused", "deferred", "done"]) | st.just("accepted"),
        st.none() | st.just("nl-1") | st.sampled_from(["nl-2", ""]),
    ),
    max_size=4,
)


def bundle(claims: Sequence[Claim], ids: Sequence[str], *, doubled: bool = False) -> bytes:
    """The body of an answer; doubled, its first claim says `refused` before what it says."""
    texts = [claim.json(ids) for claim in claims]
    if doubled and texts:
        texts[0] = texts[0].replace('"result"', '"result": "refused", "result"', 1)
    return f'{{"answers": [{", ".join(texts)}]}}'.encode()


def signed(asked: Asked, status: int, body: bytes, private: Ed25519PrivateKey = THEIRS.private) -> Said:
    """What a peer says, signed over the request by the protocol's oracle."""
    method, path, _ = asked.line.split(" ")
    reply = Reply(status, {"Content-Type": "application/json"}, Message(method, f"https://{HOST}{path}", asked.headers))
    library_sign(reply, body, ANSWER_TAG, ANSWER, key_id=THEIRS.key_id, private=private, include_alg=False)
    return Said(dict(reply.headers), body)


def expected(claims: Sequence[Claim], at: int) -> type[Outcome] | None:
    """What a whole, authentic answer means for a referral."""
    said = {(claim.result, claim.receipt) for claim in claims if claim.of == at}
    # A word that nobody knows spoils what is said of its referral; a contradiction, or silence, is unknown.
    if any(result == "done" or receipt == "" for result, receipt in said) or len(said) != 1:
        return Unknown
    ((result, receipt),) = said
    if result == "accepted":
        return Accepted if receipt else Unknown
    return {"refused": Refused, "deferred": Deferred}[result]


@EXAMPLES
@given(script=SCRIPTS, claims=CLAIMS, doubled=st.booleans(), by=st.sampled_from(["them", "nobody", "a stranger"]))
async def test_a_peer_accepts_what_its_signed_answer_says_once_and_nothing_else(
    peer: HttpStage, scripted: ScriptedPartner, script: Script, claims: list[Claim], doubled: bool, by: str
) -> None:
    envelopes = [peer.envelope(), peer.envelope()]
    ids = [one.referral_id for one in envelopes] + [a_message().referral_id]
    body = bundle(claims, ids, doubled=doubled)
    keys = {"them": THEIRS.private, "a stranger": STRANGER}
    scripted.script = script
    scripted.speak = lambda asked: signed(asked, script.status, body, keys[by]) if by in keys else Said({}, body)
    outcomes = await attempt(peer.dialect, peer.partner, envelopes, DEADLINE)
    assert is_sound(outcomes, 2)
    plain = not any(name == "Content-Type" for name, _ in script.headers)
    authentic = script.has_body and by == "them" and plain
    for at, outcome in enumerate(outcomes):
        if authentic and not (doubled and claims):
            assert type(outcome) is expected(claims, at)
        elif script.status // 100 == 2:
            assert isinstance(outcome, Unknown)
        else:
            assert not isinstance(outcome, Accepted)


HONEST = {"answers": [{"referral_id": "ID", "result": "accepted", "receipt": "nl-1", "reason": None, "text": "Taken."}]}


@EXAMPLES
@given(answer=mutated(HONEST) | JSON)
async def test_an_authentic_answer_of_any_shape_is_one_outcome(
    peer: HttpStage, scripted: ScriptedPartner, answer: Any
) -> None:
    envelope = peer.envelope()
    body = json.dumps(answer).replace('"ID"', f'"{envelope.referral_id}"').encode()
    scripted.script, scripted.speak = Script(200, Framing.WHOLE), lambda asked: signed(asked, 200, body)
    (outcome,) = outcomes = await attempt(peer.dialect, peer.partner, [envelope], DEADLINE)
    assert is_sound(outcomes, 1)
    if isinstance(outcome, Accepted):
        assert (b'"accepted"' in body, outcome.receipt is not None) == (True, True)
