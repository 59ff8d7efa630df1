"""An embargo: until a date nothing about a URL, a host or an account leaves, is looked up or reminded.

What it names, and why, is as sealed as a case's location. A named few read it; everybody else sees whom to ask.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from schemas.states import ReferralState
from schemas.word import Given, GivenInstant, Line, Name, Word

#: What an embargo's subject begins with among the changes that wait for a second person.
EMBARGO: Final = "embargo:"
#: No embargo is set for longer at once: whoever asked for it says again that it stands. Our own choice.
LONGEST: Final = timedelta(days=366)
#: People who may be named as its readers, beside who set it and who is asked.
MOST_READERS: Final = 10


class EmbargoKind(StrEnum):
    """What an embargo names."""

    URL = "url"  #: one location, in every spelling of it
    HOST = "host"  #: a host with everything below it, or an address
    ACCOUNT = "account"  #: a handle on a platform


class Way(StrEnum):
    """A way out that an embargo held."""

    LOOK_UP = "look_up"  #: name servers, registries, and a CDN that is asked for an origin
    REFERRAL = "referral"  #: to a partner, a hub that crawls, or a unit, and each step of one
    WITHDRAWAL = "withdrawal"  #: telling a partner to drop what it has
    HAND_OVER = "hand_over"  #: to the police, because nobody answered the alarm
    CHECK = "check"  #: the check after days, and asking partners what became of it
    TOLD = "told"  #: telling a hub what we did
    FOUND = "found"  #: looking at a partner for what people handed over
    LOCATE = "locate"  #: a person or a system asked where it is hosted


class EmbargoGiven(Given):
    """Body of `POST /v1/embargoes`."""

    kind: EmbargoKind
    what: Annotated[str, StringConstraints(min_length=1, max_length=8192)]  #: the location, the host, or the handle
    platform: Line | None = None  #: of an account, as the reports name it
    until: GivenInstant
    asked_by: Line  #: who asked for it
    reference: Line | None = None  #: theirs
    reason: Line
    ask: Name | None = None  #: the account whom analysts are to ask; None is who sets it
    readers: Annotated[tuple[Name, ...], Field(max_length=MOST_READERS)] = ()  #: accounts that may read it too

    @model_validator(mode="after")
    def _an_account_has_a_platform(self) -> Self:
        if (self.kind is EmbargoKind.ACCOUNT) is (self.platform is None):
            raise ValueError("an account is named by its handle and its platform; nothing else has one")
        return self


class EmbargoEnds(Given):
    """Body of `POST /v1/embargoes/{id}/end`: when it is to end. Later than now set is in force at once."""

    until: GivenInstant | None = None  #: None is at once


class EmbargoSecrets(Word):
    """What an embargo keeps sealed."""

    what: str  #: canonical
    platform: str | None = None
    asked_by: str
    reference: str | None = None
    reason: str
    readers: tuple[str, ...]  #: the accounts that may read this


class EmbargoView(Word):
    """An embargo as everybody sees it who may see cases: not what it names, and not why."""

    id: str
    kind: EmbargoKind
    ask: str  #: whom analysts ask
    by: str
    since: AwareDatetime
    until: AwareDatetime
    open: bool
    ended_by: tuple[str, ...] = ()  #: who ended it, and who confirmed that; none where its date came
    cases: int = 0  #: of which it has held something
    may_read: bool = False  #: whether the reader is one of the named few
    proposed: AwareDatetime | None = None  #: when it ends as soon as a second person confirms


class EmbargoRead(EmbargoView):
    """The same as its readers see it."""

    what: str  #: in full and defanged
    platform: str | None = None
    asked_by: str
    reference: str | None = None
    reason: str
    readers: tuple[str, ...]


class Left(Word):
    """A referral that an embargo came too late for: its partner has it, or may have it."""

    case: str
    referral: str
    partner: str
    state: ReferralState


class EmbargoSet(Word):
    """The answer of `POST /v1/embargoes`."""

    embargo: EmbargoView
    left: tuple[Left, ...] = ()  #: what had left before it, or was leaving at that moment, the newest first
    more: bool = False  #: there are older referrals than were looked through


class EmbargoEnded(Word):
    """The answer of `POST /v1/embargoes/{id}/end`."""

    embargo: EmbargoView
    proposed: bool  #: it waits for a second person; else it is in force


class HeldView(Word):
    """Why nothing of a case leaves or is looked up: whom to ask, and until when."""

    ask: str
    since: AwareDatetime
    until: AwareDatetime
    embargoes: tuple[str, ...]  #: their ids
