"""The dialect `router`: a peer hotline that runs this same program (docs/protocol.md).

Up to 100 referrals travel in one signed request, and the peer answers for each. The peer knows a referral by its id, so
sending it again is harmless. Every answer must carry the peer's signature over our request; one that does not proves
nothing, and the outcome is unknown.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, ClassVar, Final, TypeAlias, TypeVar
from uuid import uuid4

import orjson
from pydantic import Field, HttpUrl, UrlConstraints

from router.errors import BadInput, NoAnswer, NotSignedIn, RouterError
from router.guard.mask import scrub
from router.guard.target import Purpose
from router.partners.answers import classify, read_answer
from router.partners.base import (
    CALL_SECONDS,
    Accepted,
    CheckResult,
    Deferred,
    Dialect,
    DialectSettings,
    EffectClass,
    Envelope,
    Outcome,
    Reason,
    Refused,
    SentReferral,
    Tools,
    Unknown,
)
from router.partners.configs import Configs
from router.partners.fields import PEER, allowed, select, to_bytes
from router.partners.keys import KeyId, KeyRing, PeerKey, Signer
from router.partners.peer_refusal import refused_request, said_reason, seconds_ahead
from router.partners.rounds import Rounds
from router.partners.signing import answered_at, sign_request, target_uri, verify_response
from schemas.exchange import (
    NOT_OURS,
    NOWHERE,
    PROTOCOL,
    AssessmentStatement,
    HostingStatement,
    InboxAnswer,
    InboxAnswers,
    InboxResult,
    ReferralMessage,
    ReferralStatus,
    StatusAnswers,
    StatusQuery,
)
from schemas.locator import LocationKind
from schemas.partner import Partner
from schemas.trace import VerdictKind
from schemas.vocabulary import Assessment
from schemas.word import Given, Name

#: A referral goes through at most three hands; the path names every sender, so this send is number len(path).
HOPS: Final = 3
#: Referrals in one question about their status (schemas.exchange.StatusQuery).
ASKED_AT_ONCE: Final = 500
#: Bytes of the longest honest answer: 500 statuses with their actions.
CAP: Final = 1_000_000

#: We sign each request anew, so only a copy that something on the way made can have come before it.
_COPY_CAME_FIRST: Final = "A copy of this request reached the partner first; what it answered to that was lost."
_OTHER_KEY: Final = "An answer came that the partner's key did not sign; check its keys."
_OTHER_TIME: Final = (
    "An answer came whose date is more than a minute from ours, so it does not count; set the clocks by a time server."
)
_NOT_THEIRS: Final = {"clock": _OTHER_TIME, "expired": _OTHER_TIME}
_SAYS_NOTHING: Final = "The partner's answer says nothing of this referral; ask the partner."
_PUT_BACK: Final = (
    " It was put back from a backup: send it again what it got since {since:%Y-%m-%d %H:%M} UTC and does not know."
)
_READS_US: Final = "The peer judged a test as it would a referral, and takes it; it kept nothing."
_OLDER: Final = (
    " A peer whose program is older than version 1.4 of the protocol knows no test: its operator updates it."
)
_CONTRADICTS: Final = "The partner's answer says two things of this referral; ask the partner which one is so."

Failed: TypeAlias = Deferred | Refused | Unknown
A = TypeVar("A", bound=Given)
B = TypeVar("B", bound=InboxAnswer | ReferralStatus)
Said: TypeAlias = dict[str, tuple[B, ...]]


class RouterConfig(DialectSettings):
    """What we know of a peer: where it is, what it is called, and its pinned keys."""

    url: Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"])]
    peer: Name  #: its own name, as it stands in paths and in `Recipient`
    keys: Annotated[tuple[PeerKey, ...], Field(min_length=1, max_length=8)]
    our_key: KeyId | None = None  #: which of our keys it has pinned; None is our newest

    @cached_property
    def ring(self) -> KeyRing:
        """The peer's keys, ready to verify its answers."""
        return KeyRing({self.peer: self.keys})


class RouterDialect(Dialect):
    """Speaks to a peer router."""

    name: ClassVar[str] = "router"
    effect: ClassVar[EffectClass] = EffectClass.IDEMPOTENT
    bundle: ClassVar[int] = 100
    fields: ClassVar[tuple[str, ...]] = PEER
    #: Our own choice: what is not theirs costs a child an hour and not five days; 10,000 referrals are asked in time.
    rounds: ClassVar[Rounds | None] = Rounds(every=timedelta(hours=1), at_once=ASKED_AT_ONCE, calls=20)
    Config: ClassVar[type[DialectSettings]] = RouterConfig

    def __init__(self, tools: Tools) -> None:
        """Keep the tools; settings are read when a partner is first met."""
        super().__init__(tools)
        self._configs = Configs(RouterConfig)

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        """Return what this peer gets."""
        listed = self.fields if partner.fields is None else (*partner.fields, "hosting")  # a message needs its claim
        return to_bytes(select(message, allowed(listed, partner.name)))

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        """Send up to 100 referrals in one request; those that must not go there are refused and stay."""
        config = self._configs.of(partner)
        kept = {one.referral_id: no for one in envelopes if (no := _must_stay(one, config.peer)) is not None}
        going = [one.payload for one in envelopes if one.referral_id not in kept]
        answers: Said[InboxAnswer] = {}
        if going:
            body = _bundle(self._tools.me, config.peer, going)
            found = await self._ask(partner, "/v1/inbox/referrals", body, InboxAnswers, deadline)
            if not isinstance(found, InboxAnswers):
                return [kept.get(one.referral_id, found) for one in envelopes]
            answers = _by_referral(found.answers)
        return [kept.get(one.referral_id) or _outcome(answers.get(one.referral_id, ())) for one in envelopes]

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        """Return what the peer says of each referral it was asked about, and of no other."""
        found: list[ReferralStatus] = []
        for some in _pieces(sent):
            answer = await self._query(partner, referrals=some)
            if not isinstance(answer, StatusAnswers):
                raise NoAnswer(answer.text, reason=answer.reason)
            said = _by_referral(answer.statuses)
            if any(len(said.get(one, ())) > 1 for one in some):
                raise NoAnswer(_CONTRADICTS, reason=Reason.CONTRADICTS_ITSELF)
            found += [status for one in some for status in said.get(one, ())]
        return found

    async def withdraw(self, partner: Partner, sent: Sequence[SentReferral]) -> list[Outcome] | None:
        """Ask the peer to drop referrals; `Accepted` when it has, or never had them and will not take them any more."""
        outcomes: list[Outcome] = []
        for some in _pieces(sent):
            answer = await self._query(partner, withdraw=some)
            if isinstance(answer, StatusAnswers):
                said = _by_referral(answer.statuses)
                outcomes += [_withdrawn(said.get(one, ())) for one in some]
            else:
                outcomes += [answer] * len(some)
        return outcomes

    async def remind(self, partner: Partner, sent: Sequence[SentReferral]) -> frozenset[str]:
        """Tell the peer what is still there; it names those of which its staff hear. An older one names none."""
        told: set[str] = set()
        for some in _pieces(sent):
            answer = await self._query(partner, remind=some)
            if isinstance(answer, StatusAnswers):
                told |= set(some) & set(answer.reminded)
        return frozenset(told)

    def good_until(self, partner: Partner) -> datetime | None:
        """Return when the last of the peer's pinned keys ends: from then on no answer of it counts."""
        ends = [key.not_after for key in self._configs.of(partner).keys]
        dated = [end for end in ends if end is not None]
        return max(dated) if len(dated) == len(ends) else None

    async def check(self, partner: Partner) -> CheckResult:
        """Ask for the status of nothing: proves address, certificate, clocks, both keys and both names."""
        try:
            answer = await self._query(partner)
        except RouterError as error:
            return CheckResult(ok=False, text=error.message)
        if isinstance(answer, StatusAnswers):
            since = answer.send_again_since
            again = "" if since is None else _PUT_BACK.format(since=since)
            return CheckResult(ok=True, text="The peer answers, and each side accepts the other's key." + again)
        return CheckResult(ok=False, text=answer.text, reason=answer.reason)

    def knows_a_test(self, partner: Partner) -> bool:
        """Every peer does, from version 1.4 of the protocol on."""
        del partner
        return True

    async def rehearse(self, partner: Partner) -> CheckResult:
        """Send a referral about no real place, which the peer judges as a real one and does not keep."""
        config, now = self._configs.of(partner), self._tools.clock.now()
        made_up = ReferralMessage(
            referral_id=str(uuid4()),
            origin=self._tools.me,
            origin_reference="test",
            received_at=now,
            kind=LocationKind.URL,
            location=NOWHERE,
            assessment=AssessmentStatement(value=Assessment.UNASSESSED),
            hosting=HostingStatement(verdict=VerdictKind.UNRESOLVED, traced_at=now),
            path=(self._tools.me,),
        )
        body = _bundle(self._tools.me, config.peer, [self.freeze(made_up, partner)])
        found = await self._ask(partner, "/v1/inbox/test", body, InboxAnswers, CALL_SECONDS)
        if not isinstance(found, InboxAnswers):
            older = _OLDER if found.reason is Reason.REFUSED else ""
            return CheckResult(ok=False, text=found.text + older, reason=found.reason)
        return _judged(_by_referral(found.answers).get(made_up.referral_id, ()))

    async def _query(
        self,
        partner: Partner,
        *,
        referrals: Sequence[str] = (),
        withdraw: Sequence[str] = (),
        remind: Sequence[str] = (),
    ) -> StatusAnswers | Failed:
        query = StatusQuery(
            sender=self._tools.me,
            recipient=self._configs.of(partner).peer,
            referrals=tuple(referrals),
            withdraw=tuple(withdraw),
            remind=tuple(remind),
        )
        body = query.model_dump_json().encode()
        return await self._ask(partner, "/v1/inbox/status", body, StatusAnswers, CALL_SECONDS)

    async def _ask(self, partner: Partner, path: str, body: bytes, expected: type[A], deadline: float) -> A | Failed:
        """Make one signed request. Return the authentic answer, or what anything else means."""
        tools, config = self._tools, self._configs.of(partner)
        target = target_uri(str(config.url), path)
        sent = sign_request(
            self._signer(config), method="POST", target=target, body=body, recipient=config.peer, now=tools.clock.now()
        )
        answer = await tools.egress.request(
            "POST",
            target,
            headers=sent | {"Protocol-Version": PROTOCOL},
            body=body,
            deadline=deadline,
            cap=CAP,
            purpose=Purpose.PARTNER,
            networks=config.networks,
        )
        now = tools.clock.now()
        if answer.status == 401 and said_reason(answer.body) == "replayed":
            return Unknown(Reason.NO_ANSWER, _COPY_CAME_FIRST)
        refused = refused_request(answer.status, answer.headers, answer.body, now)
        if refused is not None and refused.reason is Reason.CLOCK:
            self._heard(partner.name, seconds_ahead(answer.headers, now))
        failed = refused or classify(answer.status, answer.headers, now)
        if failed is not None:
            return failed
        try:
            said = answer.headers.items()
            verify_response(said, status=answer.status, body=answer.body, sent=sent, keys=config.ring, now=now)
            self._heard(partner.name, round((answered_at(said) - now).total_seconds()))
            return read_answer(expected, answer.body)
        except NotSignedIn as error:
            return Unknown(Reason.NOT_AUTHENTIC, _NOT_THEIRS.get(error.reason, _OTHER_KEY))
        except ValueError:
            return Unknown(Reason.NOT_UNDERSTOOD, "The partner's answer is not one of this protocol; ask the partner.")

    def _signer(self, config: RouterConfig) -> Signer:
        for signer in self._tools.signers:
            if config.our_key in {None, signer.key_id}:
                return signer
        raise BadInput(
            "We do not have the key that this partner is to know us by; name one of ours",
            field=f"partners.{config.peer}.config.our_key",
            reason=Reason.MISCONFIGURED,
        )


def _must_stay(envelope: Envelope, peer: str) -> Refused | None:
    """Refuse before sending what the peer already had in its hands, or what went through too many."""
    path = orjson.loads(envelope.payload)["path"]
    if peer in path:
        return Refused(Reason.ON_ITS_PATH, "This hotline had the referral already; choose another partner.")
    if len(path) > HOPS:
        return Refused(Reason.ON_ITS_PATH, "The referral went through three hotlines; settle with them who acts.")
    return None


def _bundle(sender: str, recipient: str, payloads: Iterable[bytes]) -> bytes:
    """Return a ReferralBundle around payloads that are sent as they were frozen, byte for byte; it is canonical too."""
    head = f'{{"recipient":"{recipient}","referrals":['.encode()
    return head + b",".join(payloads) + f'],"sender":"{sender}"}}'.encode()


def _by_referral(answers: Iterable[B]) -> Said[B]:
    """Return what is said of each referral, each different thing once: more than one of them is a contradiction."""
    said: Said[B] = {}
    for answer in answers:
        before: tuple[B, ...] = said.get(answer.referral_id, ())
        if answer not in before:
            said[answer.referral_id] = (*before, answer)
    return said


def _outcome(said: Sequence[InboxAnswer]) -> Outcome:
    if len(said) > 1:
        return Unknown(Reason.CONTRADICTS_ITSELF, _CONTRADICTS)
    if not said or (said[0].result is InboxResult.ACCEPTED and not said[0].receipt):
        return Unknown(Reason.NOT_UNDERSTOOD, _SAYS_NOTHING)
    (answer,) = said
    if answer.result is InboxResult.ACCEPTED:
        return Accepted(answer.receipt)
    because = scrub(answer.text) if answer.text else "no reason was given"
    if answer.result is InboxResult.REFUSED and answer.reason == NOT_OURS:
        return Refused(Reason.NOT_OURS, f"The partner says that it is not theirs{_to_whom(answer.believed)}: {because}")
    if answer.result is InboxResult.DEFERRED:
        return Deferred(Reason.PARTNER_DEFERS, f"The partner asks to send it again later: {because}")
    return Refused(Reason.REFUSED, f"The partner does not take it: {because}")


def _judged(said: Sequence[InboxAnswer]) -> CheckResult:
    """Return what a peer's judgement of a test says: nothing of it was kept, so it has no receipt."""
    if [one.result for one in said] == [InboxResult.ACCEPTED]:
        return CheckResult(ok=True, text=_READS_US)
    outcome = _outcome(said)
    assert isinstance(outcome, Failed)
    return CheckResult(ok=False, text=outcome.text, reason=outcome.reason)


def _to_whom(country: str | None) -> str:
    return "" if country is None else f" but for {country}"


def _withdrawn(said: Sequence[ReferralStatus]) -> Outcome:
    if len(said) > 1:
        return Unknown(Reason.CONTRADICTS_ITSELF, _CONTRADICTS)
    if not said:
        return Unknown(Reason.NOT_UNDERSTOOD, _SAYS_NOTHING)
    if said[0].withdrawn or not said[0].known:
        return Accepted("withdrawn")
    return Refused(Reason.REFUSED, "The partner did not drop it, perhaps because it has acted; ask the partner.")


def _pieces(sent: Sequence[SentReferral]) -> Iterable[Sequence[str]]:
    """A peer knows a referral by our own id, in pieces of as many as one question may hold."""
    ids = [one.referral_id for one in sent]
    return (ids[at : at + ASKED_AT_ONCE] for at in range(0, len(ids), ASKED_AT_ONCE))
