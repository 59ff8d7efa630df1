"""Who may look, until when, and what somebody who left could know."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from schemas.word import Given


class MandateGiven(Given):
    """Body of `POST /v1/accounts/{name}/mandate`: the last day on which its person may see locations."""

    until: date


class MandateView(Given):
    """That a person may see locations until the end of a day, in the house's zone."""

    id: str
    account: str
    given_at: AwareDatetime
    given_by: str
    ends_at: AwareDatetime
    ended_by: str | None = None  #: who ended it before its day
    in_force: bool


class Known(StrEnum):
    """What somebody who left could know or still have, to be ticked off by another."""

    MACHINE = "machine"  #: a way to the machine, its keys or its backups
    PAPER = "paper"  #: keys of rooms, printed bundles, notes, a phone of the house
    ALARMS = "alarms"  #: alarms that still reach them
    SEEN = "seen"  #: locations of open cases that they have seen
    VIEWINGS = "viewings"  #: lists that they took to look at, which were not brought back
    EMBARGOES = "embargoes"  #: embargoes in force of which they may know
    PARTNERS = "partners"  #: portals, keys and passwords of partners
    SOURCES = "sources"  #: tokens of intake systems that they made, which still work
    PROPOSALS = "proposals"  #: changes of theirs that wait for a second person


class FarewellView(Given):
    """One thing that somebody who left could know, and whether another saw to it."""

    id: str
    account: str
    code: Known
    count: int | None = None  #: how many, where that can be counted
    closed_at: AwareDatetime
    closed_by: str
    done_at: AwareDatetime | None = None
    done_by: str | None = None


class ExposureDay(Given):
    """How often somebody looked on a day of the house: reveals, and looks whether something is gone."""

    account: str
    day: date
    reveals: int
    looks: int
    past_pause: int  #: reveals of a child at risk that they made although they were at the house's limit
