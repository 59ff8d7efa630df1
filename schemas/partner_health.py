"""How a partner stands at this moment: whether it is called, what holds it, what waits for it, what ends soon."""

from enum import StrEnum

from pydantic import AwareDatetime

from schemas.casefile import WaitView
from schemas.partner import Partner
from schemas.word import Word


class Ends(StrEnum):
    """What of a partner ends on a day, after which nothing leaves or nothing is believed."""

    CREDENTIALS = "credentials"  #: what proves us to it, or it to us: a certificate, its pinned keys
    AGREEMENT = "agreement"
    TRANSFER = "transfer"  #: what allows data to leave for its country


class EndView(Word):
    """One thing that ends."""

    what: Ends
    at: AwareDatetime
    soon: bool  #: people are to see to it now, or it has ended


class PauseView(Word):
    """Who paused a partner, and why; `by` is None for one that closed its address itself."""

    by: str | None
    at: AwareDatetime | None
    reason: str | None


class PartnerHealth(Word):
    """One partner of the directory, and how it stands."""

    partner: Partner
    waits: WaitView | None  #: why nothing goes there now; None for one that is called as soon as something is due
    paused: PauseView | None
    waiting: int  #: referrals that are to go there and have not left
    under_way: int  #: of which a call is being made
    held: int  #: that people or a route hold back
    oldest: AwareDatetime | None  #: since when the first of those waits that are to go there
    at_risk: int  #: cases with a child at risk of which something waits for it
    sent_today: int  #: that count against its daily cap, since midnight (UTC)
    answered_at: AwareDatetime | None  #: when it last answered as it should, within a minute
    ends: tuple[EndView, ...]
    wrong: str | None  #: why its entry cannot be used
    proposed: bool  #: a change of its entry waits for a second person
