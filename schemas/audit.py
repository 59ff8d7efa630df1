"""The audit chain as it is read over the API."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from schemas.word import Given, Name, Word


class AuditEntry(Word):
    """One entry: codes and counts only."""

    epoch: str
    seq: int
    at: AwareDatetime
    actor: str
    act: str
    case: str | None = None
    referral: str | None = None
    text: str
    hash: str  #: hexadecimal
    typed: bool  #: whether a person typed a reason; that of an act on a case stays sealed with it
    reason: str | None = None  #: what was typed with an act that is of no case, without what looks like a location


class AuditChecked(Word):
    """What reading the whole chain back found."""

    ok: bool
    entries: int
    unsigned: int  #: entries after the last signed head: the last minute's, as a rule
    lost: int = 0  #: roots kept elsewhere of the time between a backup and its restore, which the chain tells of
    findings: tuple[str, ...] = ()


class EntriesWanted(Word):
    """Which entries are wanted of the chain."""

    day: date | None = None  #: of the house's calendar
    case: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")] | None = None


class RevealsWanted(Word):
    """Which reveals are wanted of all."""

    person: Name | None = None
    day: date | None = None  #: of the house's calendar
    case: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")] | None = None


class AuditRoot(Word):
    """The newest checkpoint, to be kept where whoever runs the router does not write."""

    number: int
    at: int  #: microseconds since the epoch
    root: str  #: hexadecimal
    signature: str  #: Ed25519, hexadecimal


class AnchorsGiven(Given):
    """Body of `POST /v1/audit/verify`: roots that were kept elsewhere, one JSON object a line."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=60_000)]
