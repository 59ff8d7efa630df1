"""How far a referral to a unit is: which bundle it is in, by which way that goes, and until when we wait for a word."""

from datetime import datetime

from router.partners.base import Progress
from schemas.word import Word


class Standing(Word):
    """What is kept between two turns, sealed."""

    bundle: str | None = None  #: the id of the bundle's first referral
    items: tuple[str, ...] = ()  #: all referrals in it, in order
    way: int = 0  #: the way that is tried, by its place
    due: datetime | None = None  #: when it goes; or, once it left, until when the unit is to say that it has it
    left_at: datetime | None = None
    digest: str | None = None  #: SHA-256 of what left
    told: str | None = None  #: when the unit was told by telephone, before anything left
    receipt: str | None = None  #: what the unit gave then


def read(progress: Progress | None) -> Standing:
    """Return what was kept; a referral that has not begun stands nowhere."""
    return Standing() if progress is None else Standing.model_validate_json(progress.data)


def kept(step: str, standing: Standing, **said: str) -> Progress:
    """Return a step with what is kept of it."""
    return Progress(step, standing.model_dump_json(exclude_defaults=True).encode(), said, standing.bundle)
