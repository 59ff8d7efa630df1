"""What leaves: the fields of a referral message that a partner gets, and no others.

A list names top-level fields of `ReferralMessage`. Two have a finer rule: `ways_in` is everything but the login, which
leaves only where `ways_in.login` is named as well; an account leaves only when it is a suspect's, and of several the
one that says most. What `STAYS` lists cannot be named: the message has no such field.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from router.errors import BadInput
from schemas.exchange import ReferralMessage
from schemas.vocabulary import AccountRole

#: Without these a message has no identity, or says nothing; every list includes them.
ALWAYS: Final = (
    "referral_id", "origin", "origin_reference", "received_at", "kind", "location", "assessment", "urgency", "path",
    "supersedes",
)  # fmt: skip
LOGIN: Final = "ways_in.login"
KNOWN: Final = frozenset({*ReferralMessage.model_fields, LOGIN})
#: What of a report (by its field's path) never leaves, and why. Every other field reaches a partner whose list names
#: what carries it; `tests/stories/test_every_field_arrives.py` holds each field of a report to one of the two.
STAYS: Final[Mapping[str, str]] = {
    "source": "who reported; to the partner the report comes from us",
    "assessment.assessed_by": "a person's name; that an analyst said so leaves as a role",
    "items.reference": "the source's own number of an item; our case's id stands for it",
    "items.parent": "the same of its page; the page's own case id stands for it, and its location is the referrer",
    "items.assessment.assessed_by": "a person's name; that an analyst said so leaves as a role",
    "items.labels.by": "a person's name",
    "items.severity.by": "a person's name",
    "items.last_seen.by": "a person's name",
    "memo": "notes of the house",
}
#: What a peer hotline needs to act (partners facts, b5); all but the login.
PEER: Final = tuple(ReferralMessage.model_fields)
#: What an endpoint that we know less of needs: no account, and nobody's words.
WEBHOOK: Final = tuple(name for name in PEER if name not in {"account", "note"})


def allowed(listed: Iterable[str], partner: str) -> frozenset[str]:
    """Return the names that may leave, or raise BadInput for a name that no message has."""
    names = frozenset(listed)
    if unknown := sorted(names - KNOWN):
        raise BadInput(
            f"Partner '{partner}' is to get a field that referrals do not have; remove or correct it",
            field=f"partners.{partner}.fields.{unknown[0]}",
        )
    return names | set(ALWAYS)


def select(message: ReferralMessage, names: frozenset[str]) -> dict[str, Any]:
    """Return the JSON-ready part of a message that may leave; what is unknown or empty is left out."""
    top = {name for name in names if name != LOGIN}
    if message.account is not None and message.account.role is not AccountRole.SUSPECT:
        top.discard("account")  # only a suspect's handle leaves; a victim's never does
    found = message.model_dump(mode="json", include=top, exclude_none=True)
    if LOGIN not in names:
        for way in found.get("ways_in", ()):
            way.pop("login", None)
    return {name: value for name, value in found.items() if value not in ([], {})}


def leaves(listed: frozenset[str] | None, name: str) -> bool:
    """Tell whether a field of what a dialect froze leaves, by its dotted name, or only stays with what leaves."""
    name = name.removeprefix("item.")
    inside = (one for one in listed or () if one.startswith(f"{name}."))
    return listed is None or name in listed or name.partition(".")[0] in listed or any(inside)


def to_bytes(document: dict[str, Any]) -> bytes:
    """Return what is frozen: UTF-8 JSON, members in order of name, so that equal messages are equal bytes.

    A canonical form (RFC 8785) would buy nothing more: signatures cover the bytes that leave, and those are kept.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
