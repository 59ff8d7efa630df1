"""How a report can be followed by who sent it: all of it by a source of the house, in four words by any other."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from schemas.casefile import CaseSummary, ReferralView
from schemas.dossier import Dossier
from schemas.report import Reference
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from schemas.word import Country, Given, Name, Word

#: How long a source outside the house hears nothing but that its report came, and but that somebody has it. Longer than
#: a known location is ahead of an unknown one: a trace, a decision and a delivery are over within hours, those that
#: people make within days.
RECEIVED_FOR: Final = timedelta(days=1)
HANDLED_FOR: Final = timedelta(days=7)


class ReportState(StrEnum):
    """What any source may learn, and late: none of these tells whether a location was known, or is held."""

    RECEIVED = "received"
    HANDLED = "handled"  #: people or rules have it: whatever they do with it
    PASSED_ON = "passed_on"
    CLOSED = "closed"


def _nothing(value: object) -> bool:
    return value is None


class ItemFollowed(Given):
    """One item of a report: a source of the house reads its case, and what partners did."""

    index: int
    case: str
    state: ReportState
    summary: Annotated[CaseSummary | None, Field(exclude_if=_nothing)] = None
    referrals: Annotated[tuple[ReferralView, ...] | None, Field(exclude_if=_nothing)] = None


class ReportFollowed(Given):
    """Answer of `GET /v1/reports/{number}`."""

    id: str
    dossier: Dossier
    source: Name
    reference: Annotated[Reference | None, Field(exclude_if=_nothing)] = None  #: only when it was asked for by it
    state: ReportState  #: that of the item that is least far
    items: tuple[ItemFollowed, ...]


class ActTold(Word):
    """What a partner did, in the words of the vocabulary alone."""

    action: str
    at: AwareDatetime
    reason: Annotated[str | None, Field(exclude_if=_nothing)] = None
    moved_to: Annotated[Country | None, Field(exclude_if=_nothing)] = None
    part: Annotated[str | None, Field(exclude_if=_nothing)] = None  #: the partner's number of the part it is about


class ReferralTold(Word):
    """One referral, as a source of the house hears of it: to whom, how far, their receipt, and what they did."""

    id: str
    partner: Name
    state: ReferralState
    receipt: Annotated[str | None, Field(exclude_if=_nothing)] = None
    accepted_at: Annotated[AwareDatetime | None, Field(exclude_if=_nothing)] = None
    acts: tuple[ActTold, ...] = ()


class CaseTold(Word):
    """What a source of the house hears of one case beside how far it is. No location, host or address is in it."""

    state: CaseState
    hosting_country: Annotated[Country | None, Field(exclude_if=_nothing)] = None
    outcome: Annotated[Outcome | None, Field(exclude_if=_nothing)] = None
    closed_at: Annotated[AwareDatetime | None, Field(exclude_if=_nothing)] = None
    referrals: tuple[ReferralTold, ...] = ()


class ItemTold(Word):
    """One item of a report, as its source hears of it."""

    index: int
    case: str  #: the one that its source got with the answer to the report
    state: ReportState
    detail: Annotated[CaseTold | None, Field(exclude_if=_nothing)] = None


class ReportTold(Word):
    """What a source hears of one report: each time all of it, as it is then."""

    id: str
    dossier: Dossier
    state: ReportState
    items: tuple[ItemTold, ...]


class StatusEvent(Word):
    """Body of a status webhook, in the form that Standard Webhooks recommends (docs/status.md)."""

    type: Literal["report.status"] = "report.status"
    timestamp: AwareDatetime  #: when it happened; outside the house, the moment from which on it is told
    data: ReportTold


class AgainTold(Word):
    """What every source hears after its hotline's router was put back from a backup."""

    since: AwareDatetime  #: the backup's moment: what the source sent from then on, it sends again


class SendAgainEvent(Word):
    """Body of a status webhook that asks for reports again; one that is here already is known by its reference."""

    type: Literal["reports.send_again"] = "reports.send_again"
    timestamp: AwareDatetime  #: when two people released it
    data: AgainTold
