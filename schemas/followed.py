"""How a report can be followed by who sent it: all of it by a source of the house, in four words by any other."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.casefile import CaseSummary, ReferralView
from schemas.dossier import Dossier
from schemas.report import Reference
from schemas.word import Given, Name


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
