"""Why a peer turned a request away, in its own word and in ours: what is wrong, whose it is, and what mends it.

Nobody signed a refusal, so it proves no receipt and closes nothing; it may choose among sentences of ours, and put
nothing of its own text into them. Whatever is refused here is a fault of keys, clocks, names or addresses, never of the
referral: it counts no attempt and is tried again once somebody may have mended it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic import BaseModel, ValidationError

from router.partners.answers import MENDING
from router.partners.base import Deferred, Reason

#: Statuses with which a peer refuses the request and not what is in it (docs/protocol.md).
_OF_THE_REQUEST: Final = frozenset({401, 403, 422})
_CLOCK: Final = (
    "The partner's system finds our clock wrong: {difference}. Set the clocks by a time server; `doctor` compares them."
)
_SIGNATURE: Final = (
    "The partner's system finds that our signature does not fit. Most often the address that we call is not the "
    "`public_url` that it has set; ask its operator to compare the two."
)
_NAME: Final = (
    "The partner's system goes by another name than `peer` in our settings says, or knows us by another name than "
    "ours; compare both names with its operator."
)
_KEY: Final = (
    "The partner's system has not pinned the key that we sign with, or its dates are over; give its operator the key "
    "that `doctor` shows as our identity."
)
_NOT_LET_IN: Final = (
    "The partner's system knows our key and takes nothing from us; ask its operator to enable us in its directory."
)
#: What is said by the peer's word (docs/protocol.md, "Requests").
_MEANT: Final[Mapping[str, tuple[Reason, str]]] = {
    "clock": (Reason.CLOCK, _CLOCK),
    "expired": (Reason.CLOCK, _CLOCK),
    "bad_signature": (Reason.BAD_SIGNATURE, _SIGNATURE),
    "digest_mismatch": (Reason.BAD_SIGNATURE, _SIGNATURE),
    "wrong_recipient": (Reason.WRONG_RECIPIENT, _NAME),
    "wrong_sender": (Reason.WRONG_RECIPIENT, _NAME),
    "unknown_key": (Reason.UNKNOWN_KEY, _KEY),
    "key_not_current": (Reason.UNKNOWN_KEY, _KEY),
    "not_allowed": (Reason.NOT_AUTHENTICATED, _NOT_LET_IN),
}


class _Problem(BaseModel):
    """What is read of a peer's problem document (RFC 9457)."""

    reason: str = ""


def said_reason(body: bytes) -> str:
    """Return the reason code of a problem document, empty when it is none."""
    try:
        return _Problem.model_validate_json(body).reason
    except ValidationError:
        return ""


def refused_request(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Deferred | None:
    """Return what a refusal of the whole request means, None for an answer that is no such or gives no known reason."""
    if status not in _OF_THE_REQUEST:
        return None
    reason, text = _MEANT.get(said_reason(body), (None, ""))
    if reason is None or (status == 422 and reason is not Reason.WRONG_RECIPIENT):
        return None
    return Deferred(reason, text.format(difference=_difference(seconds_ahead(headers, now))), MENDING, counted=False)


def seconds_ahead(headers: Mapping[str, str], now: datetime) -> int | None:
    """Return by how many seconds an answer's Date (RFC 9110 section 6.6.1) is ahead of ours; None when it has none."""
    try:
        said = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, OverflowError):  # somebody else's text: no date, or one that no calendar has
        return None
    if said.tzinfo is None:
        said = said.replace(tzinfo=UTC)
    return round((said - now).total_seconds())


def _difference(ahead: int | None) -> str:
    if ahead is None:
        return "it does not say by how much"
    if abs(ahead) <= 1:
        return "though both show the same time now"
    return f"by its own, ours is {abs(ahead)} seconds {'behind' if ahead > 0 else 'ahead'}"
