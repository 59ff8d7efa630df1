"""Figures over a period, as a hotline owes them: a long table, what its words mean, how long things took."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from schemas.word import Given, Note, Word


class Audience(StrEnum):
    """Who asks for figures; each gets what it asks for, and no more."""

    INHOPE = "inhope"  #: the yearly report of the network
    PLATFORM = "platform"  #: the quarterly counts of the Insafe-INHOPE Assessment Platform
    DSA = "dsa"  #: Art. 22(3) of Regulation (EU) 2022/2065: notices by provider, type and action
    PUBLIC = "public"  #: everybody: small numbers are hidden
    INTERNAL = "internal"  #: the house: everything that is counted


class Hidden(StrEnum):
    """Why a number is not shown."""

    FEW = "<5"  #: it is 1, 2, 3 or 4
    BESIDE = "hidden"  #: it would let a number beside it be computed


class Figure(Word):
    """One number: what is counted, by what, which of it."""

    measure: str
    dimension: str = "total"
    key: str = "all"
    value: int | None  #: None where it is hidden
    hidden: Hidden | None = None
    before: int | None = None  #: the same of the period that it is held against; None where that is hidden, or none is
    hidden_before: Hidden | None = None
    percent: int | None = None  #: the change in whole percent; None where the base is below 20, or either is hidden


class Step(Word):
    """A step of a product-limit curve."""

    minutes: int
    at_risk: int
    events: int
    survival: float
    low: float | None  #: of the 95 % band (log-log); None where it is not defined
    high: float | None


class LifeRow(Word):
    """A row of a life table: what happened between two days, the first counted in and the last not."""

    from_day: int
    to_day: int | None  #: None: without end
    at_risk: int
    events: int
    left: int  #: was moved, was not illegal after all, or was not looked at any longer
    survival: float  #: the share still there at its end; who left within it counts half


class Incidence(Word):
    """What share had ended in one way before each day, where any other end leaves nothing to wait for."""

    how: str  #: gone, moved, not_illegal
    by_day: dict[int, float]


class Interval(Word):
    """One life, where there are too few for a curve."""

    minutes: int
    event: bool
    said_by: str | None  #: partner, staff or us; None where nothing ended it


class Curve(Word):
    """How long it took until something was gone."""

    clock: str  #: what started it
    lives: int
    events: int
    said_by: dict[str, int]  #: whose word the ends are: said by a partner, seen by staff, seen by us
    steps: tuple[Step, ...] = ()  #: from 20 lives with 10 events on
    median: int | None = None  #: minutes; None: not reached, or too few
    median_low: int | None = None
    median_high: int | None = None  #: None: not reached
    table: tuple[LifeRow, ...] = ()
    incidence: tuple[Incidence, ...] = ()
    in_doubt: int = 0  #: more of them, an end of which was measured while the clock was not believed: not drawn
    intervals: tuple[Interval, ...] = ()  #: below that, for the house only


class Period(Word):
    """Days, both of them counted in, by the house's calendar."""

    first: date
    last: date


class Figures(Word):
    """What was counted for an audience over a period."""

    audience: Audience
    definitions: str  #: the version of what the words mean
    period: Period
    against: Period | None
    zone: str
    live_since: date | None  #: the day of the first report that this router took; what was before is not in it
    answer: str | None = None  #: in a sentence, where there is nothing to count
    figures: tuple[Figure, ...] = ()
    curves: tuple[Curve, ...] = ()
    means: dict[str, str]  #: each measure and word, as it is defined


class EditionView(Word):
    """What was published, word for word."""

    id: str
    audience: Audience
    period: Period
    number: int
    made_at: AwareDatetime
    by: str
    reason: str | None  #: why there is another one
    digest: str  #: SHA-256 of `body`, as it stands in the audit chain
    body: str  #: the JSON of `Figures`


class EditionGiven(Given):
    """Body of `POST /v1/figures/editions`."""

    audience: Audience
    first: date
    last: date
    against: int | None = None  #: the year of the days to hold it against; without, the year before
    reason: Note | None = None  #: needed from the second edition on
