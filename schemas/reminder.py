"""What a partner is reminded of: one digest for each of its working days, and for police units at their rhythm."""

from datetime import date

from pydantic import AwareDatetime

from schemas.word import Name, Word


class Reminded(Word):
    """One referral of a digest. It names no location: both sides know it by their own numbers."""

    referral: str
    case: str
    theirs: str | None = None  #: the partner's own number; None where it gave none
    accepted_at: AwareDatetime | None = None
    seen_at: AwareDatetime | None = None  #: since when it is to be said; None once the digest was taken


class Reminder(Word):
    """What one partner is to be reminded of, or was today."""

    partner: Name
    items: tuple[Reminded, ...]
    police: bool = False  #: a unit that is asked at the policy's rhythm, and not reminded
    language: str = "en"  #: of the text
    text: str | None = None  #: what is handed over, once somebody took it
    taken_at: AwareDatetime | None = None  #: when somebody took today's
    taken_by: str | None = None
    from_day: date  #: the first day from today on on which one may be taken
