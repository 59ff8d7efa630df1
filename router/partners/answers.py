"""What an HTTP status means for a referral: one rule for every dialect that speaks HTTP.

RFC 9110 section 15 for the codes; Standard Webhooks 1.0.0 for 3xx, 410 and Retry-After.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from router.guard.retry_after import retry_after
from router.partners.base import Deferred, Reason, Refused, Unknown
from schemas.superset import superset

M = TypeVar("M", bound=BaseModel)

#: After a fault that somebody must mend (a key, an address), seconds until the next try shows whether they did.
MENDING: Final = 900.0

_KEY: Final = "The partner's system does not accept our key (HTTP {}); check the keys with the partner."
#: Faults of the settings, not of the partner or the referral: they count no attempt.
_TO_MEND: Final = {
    401: (Reason.NOT_AUTHENTICATED, _KEY),
    403: (Reason.NOT_AUTHENTICATED, _KEY),
    410: (Reason.GONE, "The partner has closed this address (HTTP {}); ask for the new one."),
}
_BUSY: Final = frozenset({408, 425, 429, 503})
#: RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4: these say that nothing was done. Every other "not now" (408, 5xx) may come
#: from a system that did its work and failed afterwards, or in front of one that did.
_NOTHING_DONE: Final = frozenset({425, 429})
_NOT_NOW: Final = "The partner's system cannot take it now (HTTP {}); it is sent again."
_ELSEWHERE: Final = "The partner's address leads elsewhere (HTTP {}), where we do not follow; correct the address."
_NOT_THIS: Final = "The partner's system does not take this referral (HTTP {}); ask the partner why."
_TOO_LARGE: Final = "The partner's system says that this referral is too large (HTTP {}); send it another way."
_NO_SENSE: Final = "The partner's system gave an answer without meaning (HTTP {}); ask whether it has the referral."


def classify(status: int, headers: Mapping[str, str], now: datetime) -> Deferred | Refused | Unknown | None:
    """Return what an answer's status means, or None for 2xx: then the dialect reads the answer."""
    if status in _TO_MEND:
        reason, text = _TO_MEND[status]
        return Deferred(reason, text.format(status), MENDING, counted=False)
    match status // 100:
        case 2:
            return None
        case 3:
            return Deferred(Reason.REDIRECTED, _ELSEWHERE.format(status))
        case 4 | 5 if status in _BUSY or status >= 500:
            reason = Reason.BUSY if status in _BUSY else Reason.PARTNER_FAILS
            again = retry_after(headers, now)
            return Deferred(reason, _NOT_NOW.format(status), again, may_have_arrived=status not in _NOTHING_DONE)
        case 4:
            return _refused(status)
        case _:
            return Unknown(Reason.NOT_UNDERSTOOD, _NO_SENSE.format(status))


def _refused(status: int) -> Refused:
    if status == 413:
        return Refused(Reason.TOO_LARGE, _TOO_LARGE.format(status))
    return Refused(Reason.REFUSED, _NOT_THIS.format(status))


def read_answer(expected: type[M], body: bytes) -> M:
    """Return a partner's JSON as a model of ours. Raise ValueError for another one, and where a name stands twice.

    What a later version of the partner says beside it, or in words that we do not know, costs none of the rest.

    Of a name that stands twice every reader takes the last, or the first: such an answer says two things.
    """
    try:
        given = json.loads(body, object_pairs_hook=_each_name_once)
    except RecursionError:
        raise ValueError("Nobody nests an answer so deep") from None
    try:
        return expected.model_validate_json(body)
    except ValidationError:
        if not isinstance(given, dict):
            raise
    return expected.model_validate_json(json.dumps(_readable(given, expected)))


def _readable(given: Mapping[str, Any], expected: type[BaseModel]) -> dict[str, Any]:
    """Return what this version reads of an answer: fields and words of a later one are left out.

    Of the lists in it, each part that cannot be read even so is left out, with what else is said of the same referral:
    what it was about was not answered, and a yes beside a word that nobody knows is no yes.
    """
    known, _ = superset(given, expected)
    for name, field in expected.model_fields.items():
        inner = next((one for one in get_args(field.annotation) if isinstance(one, type)), None)
        if isinstance(known.get(name), list) and inner is not None and issubclass(inner, BaseModel):
            known[name] = _clear_parts(known[name], inner)
    return known


def _clear_parts(parts: list[Any], expected: type[BaseModel]) -> list[Any]:
    unread = [one for one in parts if not _can_be_read(one, expected)]
    about = [one["referral_id"] for one in unread if isinstance(one, dict) and "referral_id" in one]
    return [one for one in parts if one not in unread and one.get("referral_id") not in about]


def _can_be_read(given: object, expected: type[BaseModel]) -> bool:
    try:
        expected.model_validate_json(json.dumps(given))
    except ValidationError:
        return False
    return True


def _each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A name stands twice in one object")
    return found
