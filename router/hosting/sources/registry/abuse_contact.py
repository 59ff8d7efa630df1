"""Find who takes abuse reports of a network in a registry's answer: RDAP (RFC 9083) with jCards (RFC 7095), or WHOIS.

Only what the registry names for abuse is a contact: no technical or administrative one stands in for it, and no address
is guessed from a domain (RFC 2142), which may be the offender's own mailbox. AFRINIC and registro.br name none, so
there is none. Nothing here does I/O, and whatever shape an answer has, it is read as far as it makes sense.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from router.hosting.sources.registry.loose_json import dicts, texts, words

#: As deep as real answers nest; a bound for made-up ones.
_DEEPEST: Final = 4
_MOST_ENTITIES: Final = 200
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,10}[A-Za-z]{2,63}")
#: What stands around or between addresses in one text: "Abuse <a@b>", "a@b; c@d".
_BETWEEN: Final = re.compile(r"[ ,;<>()\"']+")
#: Mailboxes that stand where an address was taken away, or that nobody reads: LACNIC writes `removed@lacnic.net`.
_WITHHELD: Final = re.compile(
    r"(?:removed|redacted|withheld|hidden|private|privacy|undisclosed|not[._-]?disclosed|unknown|unread|none|null|nobody"
    r"|invalid|(?:no|do[._-]?not)[._-]?reply)@.*",
    re.IGNORECASE,
)
#: How preferred (RFC 6350 section 5.3) an address without a mark is: after every marked one, which are 1 to 100.
_UNMARKED: Final = 101
#: Registries' own words for it in WHOIS: RIPE and APNIC above the objects, ARIN's field, RPSL's attribute.
_LINES: Final = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"^% ?abuse contact for '[^'\n]{1,100}' is '([^'\n]{1,320})'",
        r"^OrgAbuseEmail:[ \t]+(\S{1,320})",
        r"^abuse-mailbox:[ \t]+(\S{1,320})",
    )
)


def in_rdap(answer: Mapping[str, Any]) -> str | None:
    """Return the abuse contact of an RDAP object; None when it names none.

    The entity nearest to the object speaks before one nested deeper, which speaks for a larger organisation. In its
    card the preferred address comes first. An entity that is only named here may have its card elsewhere.
    """
    entities = sorted(_entities(answer), key=lambda found: found[0])
    cards = {handle: card for _, one in entities if (handle := _handle(one)) and (card := one.get("vcardArray"))}
    for _, entity in entities:
        if "abuse" in words(entity.get("roles")):
            card = entity.get("vcardArray") or cards.get(_handle(entity))
            if (email := _preferred(card)) is not None:
                return email
    return None


def in_whois(text: str) -> str | None:
    """Return the abuse contact that a WHOIS answer names in so many words; None when it names none."""
    said = (found[1] for line in _LINES for found in line.finditer(text[:65_536]))
    return next((email for one in said if (email := _address(one)) is not None), None)


def _entities(holder: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if depth < _DEEPEST:
        for entity in islice(dicts(holder.get("entities")), _MOST_ENTITIES):
            yield depth, entity
            yield from _entities(entity, depth + 1)


def _handle(entity: Mapping[str, Any]) -> str:
    handle = entity.get("handle")
    return handle if isinstance(handle, str) else ""


def _preferred(card: object) -> str | None:
    """Return the preferred e-mail address of a jCard: `["vcard", [[name, parameters, type, value, …], …]]`."""
    properties = card[1] if isinstance(card, list) and len(card) > 1 else None
    found = []
    for entry in properties if isinstance(properties, list) else ():
        if isinstance(entry, list) and len(entry) > 3 and "email" in words(entry[0]):
            emails = (_address(text) for value in entry[3:] for text in texts(value))
            found += [(_preference(entry[1]), email) for email in emails if email is not None]
    return min(found, key=lambda one: one[0])[1] if found else None


def _preference(parameters: object) -> int:
    """Return a property's `PREF` (1 is the most preferred), or what vCard 3 wrote for it: the type `pref`."""
    said = {key.lower(): value for key, value in parameters.items()} if isinstance(parameters, dict) else {}
    mark = str(said.get("pref"))
    if re.fullmatch("[0-9]{1,3}", mark):
        return min(int(mark), _UNMARKED)
    return 1 if "pref" in words(said.get("type")) else _UNMARKED


def _address(text: str) -> str | None:
    """Return the first usable e-mail address in a text: `mailto:abuse@a.net?subject=x`, `Abuse desk <abuse@a.net>`."""
    for part in _BETWEEN.split(text[:1000]) if text.isprintable() else ():
        address = re.sub(r"(?i)^mailto:", "", part).partition("?")[0]
        if _EMAIL.fullmatch(address) and not _WITHHELD.fullmatch(address):
            return address
    return None
