"""Counts of this moment: the console's top strip, `stats` and `GET /v1/stats`."""

from pydantic import AwareDatetime

from schemas.word import Word


class Figures(Word):
    """How much there is, how old it is, and what is down."""

    cases: dict[str, int]  #: by state
    desk: dict[str, int]  #: by reason
    referrals: dict[str, int]  #: by state
    at_risk: int  #: open cases with a child in danger
    oldest_on_desk: AwareDatetime | None
    without_receipt: int  #: referrals tried at least once and not yet received
    due_today: int  #: on the desk, until the house's midnight; what is overdue is among them
    overdue: int  #: on the desk, and its time is over
    at_risk_unacknowledged_since: AwareDatetime | None  #: of alarms that nobody answered, the oldest case's
    second_looks: int = 0  #: what one person called not illegal, and a second one looked at
    second_looks_differ: int = 0  #: and of these, where the second one found otherwise
    not_checked: int = 0  #: checks of kept cases that nobody had the time for
    requests_due: int = 0  #: what people ask about themselves, and are to be answered within seven days
    requests_overdue: int = 0  #: of these, those whose last day is over
    clock_doubted: str | None = None  #: why our clock is not believed: then no date ends anything
    partners_down: tuple[str, ...]
    misrouted: int  #: referrals that were found to have gone to the wrong country: docs/operating.md, Watching
    bounced: int  #: referrals that whoever got them did not take, or gave back
    sure_from: float  #: the confidence from which on the policy in force takes a country without a person
    #: by kind of host: wrong countries among a thousand taken so, as measured on networks that no table saw
    wrong_of_1000: dict[str, int]


class Recount(Word):
    """What counting everything again found of the figures that are kept."""

    wrong: dict[str, int]  #: by what it counts: how many too many it says; empty where all are right
