"""What a police unit wrote to us, as people read it: its text, and of all else only what it was and how large."""

from collections.abc import Mapping

from pydantic import AwareDatetime, Field

from schemas.word import Word


class DroppedPart(Word):
    """A part of a letter that was not read, and is not kept."""

    kind: str  #: its content type, as the letter says
    size: int  #: bytes
    sha256: str


class Letter(Word):
    """One letter in the folder of a unit's answers. Nothing of it is kept here: it is read there when it is shown."""

    id: str
    partner: str
    at: AwareDatetime  #: when it was put there
    is_signed: bool  #: by the key that we pinned; what is not signed is believed by people only
    text: str  #: what looks like a location is taken out of what is shown
    dropped: tuple[DroppedPart, ...] = ()
    #: What it gives as the number of each referral whose reply code stands in it.
    numbers: Mapping[str, str] = Field(default_factory=dict)
    cases: tuple[str, ...] = ()  #: of these referrals, as far as they are its unit's
    unread: bool = False  #: it names no case of ours, and nobody has said yet that they read it
