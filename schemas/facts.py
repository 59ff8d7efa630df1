"""The flat, total record that the policy judges. Unknown is a value: no rule has to ask whether a field is there."""

from typing import Annotated

from pydantic import Field

from schemas.locator import LocationKind
from schemas.site import HostIndex
from schemas.trace import VerdictKind
from schemas.vocabulary import AccountRole, Assessment, Commerciality, Lane, SiteType, SourceKind, Urgency
from schemas.word import Country, Word


class Facts(Word):
    """What is known of a case at the moment of deciding. Every field has a value; None means "not known"."""

    kind: LocationKind = LocationKind.URL
    verdict: VerdictKind = VerdictKind.UNRESOLVED
    reasons: tuple[str, ...] = ()  #: the verdict's reason codes
    hosting_country: Country | None = None
    registration_country: Country | None = None
    countries: tuple[Country, ...] = ()  #: all countries of a split verdict
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    inhope: bool = False  #: the hotline that serves hosting_country is a member of INHOPE
    iccam: bool = False  #: and a hub that is in use reaches it
    has_hotline: bool = False  #: an enabled, checked hotline with a valid agreement serves hosting_country
    assessment: Assessment = Assessment.UNASSESSED
    urgency: Urgency = Urgency.NONE
    site_type: SiteType | None = None
    commerciality: Commerciality | None = None
    account_country: Country | None = None
    account_abroad: bool = False  #: the account's country is known and is not ours
    account_has_hotline: bool = False
    account_role: AccountRole = AccountRole.UNKNOWN
    source: str = ""
    source_kind: SourceKind = SourceKind.PUBLIC
    lane: Lane = Lane.NORMAL
    platform: str | None = None  #: the service's name in the platform table, when it is one
    host_index: HostIndex | None = None  #: which host it is, without naming it; is never written down with a decision
    networks: tuple[int, ...] = ()  #: the AS numbers of its addresses
    operators: tuple[str, ...] = ()  #: who runs its addresses, where known
    flags: tuple[str, ...] = ()  #: what is to be looked at before sending: carries_email, ...
    moved: bool = False  #: the material moved here from another country
    bounced: int = 0  #: how many partners refused it, or took it and gave it back; hands it went through are `path`
    seen_hours_ago: Annotated[float, Field(ge=0)] | None = None  #: since somebody saw it there; None: nobody said
    still_there: int = 0  #: at how many checks after a partner had it a person saw it there, since it last moved
    path: tuple[str, ...] = ()  #: hotlines it has already been at
