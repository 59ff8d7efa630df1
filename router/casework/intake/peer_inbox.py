"""What peers send us: referrals taken exactly once each, the status they ask for, and what they take back.

A peer's country is evidence, not truth: its case is traced and decided here like any other. The answer never tells
whether the location was already known.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from pydantic import ValidationError

from router.casework.case import given_back
from router.casework.case.gate import held_now
from router.casework.context import Context
from router.casework.intake import peer_withdrawals, validate
from router.casework.intake import take as intake
from router.casework.intake.field_errors import unread
from router.casework.intake.left_before import send_again_since
from router.casework.intake.peer_messages import refusal
from router.casework.intake.peer_status import actions_since
from router.casework.intake.rows import Indexes, Opening
from router.casework.intake.validate import Reported, ReportOrigin
from router.clock import micros, moment_or_none
from router.errors import BadInput, Conflict, Damaged, NotAllowed, NotSignedIn, RouterError
from router.hosting.location.url import read
from router.store.base import Add, Row, Transition
from router.store.schema.tables import inbox, nonces
from schemas.actor import Actor
from schemas.exchange import (
    InboxAnswer,
    InboxAnswers,
    InboxResult,
    ReferralMessage,
    ReferralStatus,
    StatusAnswers,
    StatusQuery,
)
from schemas.partner import Partner
from schemas.report import AssessmentGiven, ItemGiven, Label, ReportGiven, Seen, Severity
from schemas.vocabulary import Assessment, Lane, SourceKind, Urgency

#: Hops a referral may make before people must look.
MOST_HOPS = 3
NOTHING_UNREAD: Mapping[str, str] = MappingProxyType({})
_ROUNDS = 8
#: What a report's item may have (`schemas.report`), where a message has room for more.
_LONGEST_REFERENCE, _MOST_LABELS = 200, 50


class Bundle(Protocol):
    """Messages of one sender to one recipient."""

    @property
    def sender(self) -> str:
        """Return who says that they send it."""
        ...

    @property
    def recipient(self) -> str:
        """Return whom it is for."""
        ...

    @property
    def referrals(self) -> tuple[ReferralMessage, ...]:
        """Return the messages that can be read."""
        ...


async def peer(ctx: Context, name: str) -> Partner:
    """Return the enabled peer of that name. Raise NotAllowed for anybody else."""
    found = (await ctx.governance.directory()).named(name)
    if found is None or not found.enabled or found.dialect != "router":
        raise NotAllowed("This hotline is not one of our peers; exchange keys with its operator first.")
    return found


async def remember_nonce(ctx: Context, sender: str, nonce: str, until: datetime) -> None:
    """Keep a request's nonce. Raise NotSignedIn when it was seen before: a signature is good for one request.

    A sender waits on such an answer and signs anew. As a conflict (409) it would take it for a no to the referrals.
    """
    add = Add(nonces, {"peer": sender, "nonce": nonce, "until": micros(until)})
    try:
        await ctx.store.commit(Transition(ctx.now(), adds=(add,)))
    except Conflict:
        raise NotSignedIn("This request was already made; sign it anew.", reason="replayed") from None


async def take_referrals(
    ctx: Context, bundle: Bundle, sender: str, actor: Actor, unread_parts: Mapping[str, str] = NOTHING_UNREAD
) -> InboxAnswers:
    """Take a signed bundle; each referral gets its own answer, durable when this returns. Raise BadInput.

    `unread_parts` is by id what this version does not read of a message, as JSON; it is kept, and means nothing.
    """
    _check_named(ctx, bundle, sender)
    for _ in range(_ROUNDS):
        answers, transition = await _prepare(ctx, bundle, sender, actor, unread_parts)
        if transition is None:
            return answers
        try:
            await ctx.store.commit(transition)
        except Conflict:
            continue
        return answers
    text = "Many referrals of the same locations arrive at once; send it again."
    return InboxAnswers(answers=tuple(_deferred(one.referral_id, "busy", text) for one in bundle.referrals))


def judged(ctx: Context, bundle: Bundle, sender: str) -> InboxAnswers:
    """Judge a bundle of tests as referrals are, and keep nothing: what is accepted has no receipt. Raise BadInput."""
    _check_named(ctx, bundle, sender)
    verdicts = [(one.referral_id, _judge(ctx, one, sender, None)) for one in _each_once(bundle.referrals)]
    return InboxAnswers(
        answers=tuple(
            said if isinstance(said, InboxAnswer) else InboxAnswer(referral_id=name, result=InboxResult.ACCEPTED)
            for name, said in verdicts
        )
    )


def _check_named(ctx: Context, bundle: Bundle, sender: str) -> None:
    if bundle.sender != sender or bundle.recipient != ctx.me:
        text = "The bundle names another sender or recipient than its signature."
        raise BadInput(text, field="sender", reason="wrong_sender")


async def _prepare(
    ctx: Context, bundle: Bundle, sender: str, actor: Actor, unread_parts: Mapping[str, str]
) -> tuple[InboxAnswers, Transition | None]:
    known = await peer_withdrawals.known(ctx, sender, [one.referral_id for one in bundle.referrals])
    verdicts: dict[str, Reported | InboxAnswer] = {}
    for one in bundle.referrals:
        if one.referral_id in known:
            verdicts[one.referral_id] = _replayed(ctx, one, known[one.referral_id])
        else:
            verdicts[one.referral_id] = _judge(ctx, one, sender, unread_parts.get(one.referral_id))
    fresh = [one for one in bundle.referrals if isinstance(verdicts[one.referral_id], Reported)]
    indexes = {one.referral_id: _indexes(ctx, one, verdicts[one.referral_id]) for one in fresh}
    opening = await intake.opening_of(ctx, actor.id, indexes.values())
    answers = tuple(
        _answer(ctx, opening, one, verdicts[one.referral_id], indexes.get(one.referral_id), sender)
        for one in _each_once(bundle.referrals)
    )
    if not opening.adds:
        return InboxAnswers(answers=answers), None
    return InboxAnswers(answers=answers), opening.transition(await intake.along(ctx, opening))


def _each_once(given: tuple[ReferralMessage, ...]) -> list[ReferralMessage]:
    return list({one.referral_id: one for one in given}.values())


def _answer(
    ctx: Context,
    opening: Opening,
    message: ReferralMessage,
    verdict: Reported | InboxAnswer,
    indexes: Indexes | None,
    sender: str,
) -> InboxAnswer:
    if not isinstance(verdict, Reported) or indexes is None:
        assert isinstance(verdict, InboxAnswer)
        return verdict
    try:
        taken = opening.take(verdict, indexes)
    except Damaged:
        return _deferred(message.referral_id, "damaged", "It cannot be taken just now; send it again.")
    row = {
        "peer": sender,
        "origin": message.origin,
        "origin_reference": message.origin_reference,
        "referral_id": message.referral_id,
        "body_digest": indexes.body,
        "receipt": taken.dossier,
        "case_id": taken.items[0].case,
        "taken_at": ctx.now(),
    }
    opening.adds.append(Add(inbox, row))
    return InboxAnswer(referral_id=message.referral_id, result=InboxResult.ACCEPTED, receipt=taken.dossier)


def _judge(ctx: Context, message: ReferralMessage, sender: str, unread_part: str | None) -> Reported | InboxAnswer:
    if wrong := _path_problem(ctx.me, message, sender):
        return _refused(message.referral_id, "on_its_path", wrong)
    try:
        now = ctx.clock.now()
        validate.check_moment(message.received_at, "received_at", now)
        if message.assessment.assessed_at is not None:
            validate.check_moment(message.assessment.assessed_at, "assessment.assessed_at", now)
        locator = read(message.location, message.kind)
        report = _report(message, sender)
    except ValidationError as error:  # what a message may say and a report may not
        return refusal(message.referral_id, unread(error))
    except RouterError as error:
        return _refused(message.referral_id, error.reason, error.message)
    lane = Lane.URGENT if message.urgency is not Urgency.NONE else Lane.NORMAL
    hands = (message.path, message.origin, message.origin_reference)
    origin = ReportOrigin(sender, SourceKind.PEER, lane, True, *hands, told=message.numbers)
    return Reported(report, (locator,) * len(report.items), origin, unread_part)


def _path_problem(me: str, message: ReferralMessage, sender: str) -> str | None:
    """Return what is wrong with the hands that a referral went through, None when it may come here."""
    path = message.path
    if me in path or message.origin == me or len(path) > MOST_HOPS:
        return "It has been here before, or passed too many hands; decide with its origin."
    if path[-1] != sender or path[0] != message.origin or len(set(path)) < len(path):
        return "Its path must begin with its origin, end with you, and name each hotline once; correct it."
    return None


def _report(message: ReferralMessage, sender: str) -> ReportGiven:
    """Return a peer's referral as the report it is to us."""
    stated = message.assessment
    given = AssessmentGiven(value=Assessment.UNASSESSED)
    at = stated.assessed_at or message.received_at
    if stated.value is not Assessment.UNASSESSED:
        given = AssessmentGiven(value=stated.value, assessed_by=sender, assessed_at=at)
    graves = [Severity(scheme=s.scheme, value=s.value, at=s.at or at, by=sender) for s in message.severity]
    first = ItemGiven(
        location=message.location,
        kind=message.kind,
        reference=message.origin_reference[:_LONGEST_REFERENCE],
        parent=message.pages[0] if message.pages else None,
        labels=tuple(Label(**dict(one), by=sender) for one in message.labels[:_MOST_LABELS]),
        severity=graves[0] if graves else None,
        last_seen=None if message.last_seen is None else Seen(at=message.last_seen, by=sender),
        ways_in=message.ways_in[0] if message.ways_in else None,
        site_type=message.site_type,
        commerciality=message.commerciality,
        payment_methods=message.payment_methods,
        age=message.age,
        gender=message.gender,
        account=message.account,
    )
    # An item has one way in, one page and one severity: each further one is an item of the same location.
    more: list[dict[str, Any]] = [{"ways_in": way} for way in message.ways_in[1:]]
    more += [{"parent": page} for page in message.pages[1:]] + [{"severity": one} for one in graves[1:]]
    further = [ItemGiven(location=first.location, kind=first.kind, **one) for one in more]
    return ReportGiven(
        source=sender,
        reference=message.referral_id,
        received_at=message.received_at,
        received_at_known=message.received_at_known,
        items=(first, *further),
        assessment=given,
        urgency=message.urgency,
        note_to_partner=message.note,
    )


def _indexes(ctx: Context, message: ReferralMessage, verdict: Reported | InboxAnswer) -> Indexes:
    assert isinstance(verdict, Reported)
    index = intake.indexes(ctx.keyring, verdict)
    return replace(index, body=ctx.keyring.digest(message.model_dump_json().encode()))


def _replayed(ctx: Context, message: ReferralMessage, row: Row) -> InboxAnswer:
    if peer_withdrawals.never_came(row):
        text = "You took this referral back before it came; nothing was opened for it."
        return _refused(message.referral_id, "withdrawn", text)
    if bytes(row["body_digest"]) != ctx.keyring.digest(message.model_dump_json().encode()):
        return _refused(message.referral_id, "replayed_differently", "This referral came before with another body.")
    return InboxAnswer(referral_id=message.referral_id, result=InboxResult.ACCEPTED, receipt=row["receipt"])


def _refused(referral_id: str, reason: str, text: str) -> InboxAnswer:
    return InboxAnswer(referral_id=referral_id, result=InboxResult.REFUSED, reason=reason, text=text[:300])


def _deferred(referral_id: str, reason: str, text: str) -> InboxAnswer:
    return InboxAnswer(referral_id=referral_id, result=InboxResult.DEFERRED, reason=reason, text=text)


async def status(ctx: Context, query: StatusQuery, sender: str) -> StatusAnswers:
    """Say what became of a peer's own referrals, and take back those it withdraws. Raise BadInput, Unavailable."""
    if query.sender != sender or query.recipient != ctx.me:
        text = "The query names another sender or recipient than its signature."
        raise BadInput(text, field="sender", reason="wrong_sender")
    await peer_withdrawals.take_back(ctx, sender, query.withdraw)
    wanted = list(dict.fromkeys([*query.referrals, *query.withdraw]))
    rows = await peer_withdrawals.known(ctx, sender, wanted)
    said = tuple([await _status(ctx, one, rows.get(one)) for one in wanted])
    since = moment_or_none(await send_again_since(ctx.store))
    told = await peer_withdrawals.reminded(ctx, sender, query.remind)
    return StatusAnswers(statuses=said, reminded=told, send_again_since=since)


async def _status(ctx: Context, referral_id: str, row: Row | None) -> ReferralStatus:
    if row is None or peer_withdrawals.never_came(row):
        return ReferralStatus(referral_id=referral_id, known=False, withdrawn=row is not None)
    said = await actions_since(ctx, row["case_id"], row["taken_at"])
    withdrawn = row["withdrawn_at"] is not None
    # While a case is held its peer hears what it heard before, also of what people say meanwhile.
    held = await held_now(ctx, row["case_id"]) if row["returned_at"] is not None else None
    back = {} if held is not None and row["returned_at"] >= held.since else given_back.told(ctx, row)
    return ReferralStatus(referral_id=referral_id, known=True, withdrawn=withdrawn, actions=said, **back)
