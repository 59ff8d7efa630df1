"""The audit chain as it is read over the API."""

from pydantic import AwareDatetime

from schemas.word import Word


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
    typed: bool  #: whether a person typed a reason; it stays sealed with its case


class AuditChecked(Word):
    """What reading the whole chain back found."""

    ok: bool
    entries: int
    unsigned: int  #: entries after the last signed head: the last minute's, as a rule
    findings: tuple[str, ...] = ()
