"""What a real hub may do and nobody outside knows: each possibility is a switch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final


class AssignedBy(StrEnum):
    """Whose a new content is at first."""

    REPORTER = "reporter"  #: the country of the hotline that reported it
    HOSTING = "hosting"  #: the country that it is hosted in, as reported
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Rules:
    """The defaults are those under which the recorded exchanges ran: as few rules as the public client met.

    Seconds are of the hub's clock. Where a rule refuses, the hub answers 400 unless its line says otherwise.
    """

    token_settle: float = 0  #: a token is good this many seconds after the login; 401 before
    token_seconds: int = 1800
    contents_settle: float = 0  #: a new report shows no contents for this long
    acts_settle: float = 0  #: a new content takes neither an action nor another country for this long
    assigned_by: AssignedBy = AssignedBy.REPORTER
    #: The country that was asked for -> where the hub puts it instead; None is nobody.
    reassigned: Mapping[str, str | None] = field(default_factory=dict)
    duplicate_reference: int | None = None  #: the status for a reference that its hotline used, judged level by level
    most_results: int = 200  #: a list holds no more, whatever was asked for
    newest_first: bool = False
    only_assigned: bool = False  #: 403 for an act by another hotline than the one it is assigned to
    assessment_final: bool = False  #: no other assessment after a baseline one or after an action
    assessment_before_action: bool = False
    completion_before_action: bool = False  #: site type, commerciality and payment methods of the report
    normalise_urls: bool = False  #: URLs come back as the hub writes them
    shows_reference: bool = True  #: a content carries the asking hotline's own reference
    shows_reasons: bool = True  #: an action carries its reason
    success: int = 200  #: what a POST or PUT that was taken answers; 204 only where nothing is to be said
    quoted_id: bool = False  #: the new report's id as a JSON string


#: Every rule that its client must live with, at once.
STRICT: Final = Rules(
    token_settle=2,
    contents_settle=1,
    acts_settle=60,
    duplicate_reference=409,
    only_assigned=True,
    assessment_final=True,
    assessment_before_action=True,
    completion_before_action=True,
    normalise_urls=True,
)
#: The same, of a hub that takes a reference again: what is reported twice is there twice, so that a trial can see it.
TAKES_TWICE: Final = replace(STRICT, duplicate_reference=None)
