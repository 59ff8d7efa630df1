"""A peer's bundle, read message by message: one that cannot be read is refused by its id, and the others are taken."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from router.casework.intake.field_errors import unread, unreadable
from router.casework.intake.json_word import check_keys
from router.errors import BadInput
from schemas.exchange import InboxAnswer, InboxAnswers, InboxResult, ReferralId, ReferralMessage
from schemas.superset import superset
from schemas.word import Given, Name

_ID: Final[TypeAdapter[str]] = TypeAdapter(ReferralId)
#: What an answer may say at most (`schemas.word.Line`).
_LONGEST_TEXT: Final = 300
#: Characters of what is kept unread of one message: more is no field of a protocol, and only its length is kept.
_MOST_UNREAD: Final = 16_384


class _Envelope(Given):
    """A bundle whose messages were not looked at yet. What a later version says beside them is kept with each."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    sender: Name
    recipient: Name
    referrals: Annotated[tuple[Any, ...], Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class Received:
    """A bundle as it came: what can be read, and the answers to what cannot."""

    sender: str
    recipient: str
    referrals: tuple[ReferralMessage, ...]
    refused: tuple[InboxAnswer, ...]
    order: tuple[str, ...]  #: ids as they were sent, each once
    unread: Mapping[str, str] = field(default_factory=dict)  #: by id: what this version does not read, as JSON

    def answers(self, taken: InboxAnswers) -> InboxAnswers:
        """Return all answers, in the order of the messages."""
        by_id = {one.referral_id: one for one in (*self.refused, *taken.answers)}
        return InboxAnswers(answers=tuple(by_id[one] for one in self.order))


def read(body: bytes) -> Received:
    """Return a bundle. Raise BadInput when it is none, or when a message has no id by which it could be answered."""
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as error:
        raise unread(error) from None
    check_keys(body)
    messages: list[ReferralMessage] = []
    refused: list[InboxAnswer] = []
    order: dict[str, None] = {}
    later: dict[str, str] = {}
    for at, raw in enumerate(envelope.referrals):
        referral_id = _id_of(raw, at)
        order[referral_id] = None
        try:
            message, rest = _understood(raw)
        except ValidationError as error:
            refused.append(refusal(referral_id, unread(error)))
            continue
        messages.append(message)
        if rest or envelope.model_extra:
            later[referral_id] = _kept(rest, envelope.model_extra or {})
    return Received(envelope.sender, envelope.recipient, tuple(messages), tuple(refused), tuple(order), later)


def _understood(raw: Any) -> tuple[ReferralMessage, dict[str, Any]]:
    """Return a message, and what this version does not read of it. Raise ValidationError."""
    # Through JSON, because strict validation of Python values would want tuples and enum members.
    try:
        return ReferralMessage.model_validate_json(json.dumps(raw)), {}
    except ValidationError:
        known, rest = superset(raw, ReferralMessage)
        if not rest:
            raise
    return ReferralMessage.model_validate_json(json.dumps(known)), rest


def _kept(of_message: Mapping[str, Any], of_bundle: Mapping[str, Any]) -> str:
    said = {name: part for name, part in (("referral", of_message), ("bundle", of_bundle)) if part}
    text = json.dumps(said, ensure_ascii=False)
    return text if len(text) <= _MOST_UNREAD else json.dumps({"too_long": len(text)})


def refusal(referral_id: str, error: BadInput) -> InboxAnswer:
    """Return the answer to a message that cannot be read or used, naming what is wrong with it."""
    text = error.message[:_LONGEST_TEXT]
    return InboxAnswer(referral_id=referral_id, result=InboxResult.REFUSED, reason=error.reason, text=text)


def _id_of(raw: Any, at: int) -> str:
    try:
        return _ID.validate_python(raw.get("referral_id") if isinstance(raw, dict) else None)
    except ValidationError as error:
        found = [{**one, "loc": ("referrals", at, "referral_id")} for one in error.errors(include_url=False)]
        raise unreadable(found) from None
