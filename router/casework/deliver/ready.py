"""One referral on its way through a turn: claimed with its case open, then ready with the bytes that leave."""

from dataclasses import dataclass

from router.casework.case.record import Opened
from router.partners.base import Envelope
from router.store.base import Row, Transition
from schemas.trace import Hosted


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed referral with its case open and the case's last trace."""

    row: Row
    opened: Opened
    trace: Hosted | None


@dataclass(frozen=True, slots=True)
class Ready:
    """One referral with the bytes that leave, which are on disk before the first of them does."""

    row: Row
    envelope: Envelope
    opened: Opened
    to_keep: Transition | None = None  #: what puts the bytes there, where they are new
