"""A case as it is kept (sealed parts) and as it is read (views for API, console and CLI)."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from schemas.case_page import HolderView, Leaving, LinkedCase, Turn
from schemas.decision import Decision, RouteWhy
from schemas.dossier import Dossier
from schemas.embargo import HeldView
from schemas.locator import LocationKind
from schemas.probe import ProbeView
from schemas.report import Account, Label, Numbers, Seen, Severity, WaysIn
from schemas.site import SiteView
from schemas.states import CaseState, ReferralState
from schemas.trace import NamedOrigin, Trace, VerdictKind
from schemas.vocabulary import (
    ActionType,
    AgeCategory,
    Assessment,
    Commerciality,
    GenderCategory,
    Lane,
    Outcome,
    PaymentMethod,
    SiteType,
    UnitAnswer,
    Urgency,
)
from schemas.word import Country, Word


class ItemSecrets(Word):
    """What an item keeps under its case's key."""

    reference: str  #: the source's own reference; of a peer's referral its id
    dossier: Dossier | None = None  #: our own number of the report
    received_unknown: bool | None = None  #: whether its source said that it does not know when it was received
    told: tuple[Numbers, ...] | None = None  #: of a peer's referral: what the report is called where it has been
    item_reference: str | None = None  #: what its source calls this item
    parent: str | None = None  #: what its source calls the page that this file is on
    location: str  #: as it was written down
    labels: tuple[Label, ...] = ()
    severity: Severity | None = None
    last_seen: Seen | None = None
    ways_in: WaysIn | None = None
    account: Account | None = None
    payment_methods: tuple[PaymentMethod, ...] = ()
    age: AgeCategory | None = None
    gender: GenderCategory | None = None
    assessed_by: str | None = None
    assessed_at: AwareDatetime | None = None
    memo: str | None = None  #: never leaves
    note_to_partner: str | None = None
    through: str | None = None  #: the case of the short link that led here, when staff linked this item
    unread: str | None = None  #: JSON of what a peer of a later version said and this one does not read; never leaves


class OriginAsked(Word):
    """When a CDN was asked in vain for the origin behind its edge."""

    trace: str  #: the trace that led to the edge; another one is asked about anew
    again: int | None = None  #: microseconds since the epoch; None after a final answer


class CaseSecrets(Word):
    """What a case keeps under its own key."""

    canonical: str
    host: str | None = None
    no_host: str | None = None
    registrable_domain: str | None = None
    flags: tuple[str, ...] = ()
    origin: NamedOrigin | None = None  #: the host behind a CDN, once its operator named it
    leads_to: str | None = None  #: the case of the place that a short link leads to
    origin_asked: OriginAsked | None = None  #: so that nobody is asked the same twice for nothing


class DeskCode(StrEnum):
    """Why a case is with people. One code, one page of the desk's help."""

    NOT_ASSESSED = "not_assessed"
    PROPOSED = "proposed"  #: a rule proposes; one key sends
    DOUBTFUL = "doubtful"
    EDGE_ONLY = "edge_only"  #: ask the CDN for the origin
    SHORTENED = "shortened"  #: look where the short link leads
    SEEN_LONG_AGO = "seen_long_ago"  #: look whether it is still there before it leaves
    WRAPPED = "wrapped"  #: the link carries another location: take that one
    NO_ROUTE = "no_route"
    CHILD_AT_RISK = "child_at_risk"
    POLICY = "policy"  #: a route of the policy says so
    NO_RECIPIENT = "no_recipient"  #: everybody chosen was ruled out
    REFUSED = "refused"  #: a partner will not take it
    EXPIRED = "expired"  #: every attempt failed
    UNDELIVERED = "undelivered"  #: still trying, but for longer than it should take
    UNKNOWN = "unknown"  #: it may have arrived; sending again might double it
    BOUNCED = "bounced"
    LOOK = "look"  #: look whether it is gone
    ACCESS = "access"  #: a partner could not see it: it needs a login, a referrer, a part
    MOVED = "moved"  #: it moves to and fro, or only a partner says that it moved: decide who deals with it
    WITHDRAW = "withdraw"  #: tell the partner by hand
    HOLD_OVER = "hold_over"  #: the day has come before which police asked to tell nobody: ask them whether it may go on
    LETTER = "letter"  #: police wrote, and nothing proves that it was them: read it, and type what they say
    RELEASED = "released"  #: police ask us to contact the host ourselves
    STOPPED = "stopped"  #: held without a date, or stopped
    BROKEN = "broken"  #: the router failed on it more than once
    OVERRULED = "overruled"  #: staff took it back; a decision is wanted
    DISAGREE = "disagree"  #: one source calls illegal what another does not
    ASKED = "asked"  #: a person put it there
    SECOND_LOOK = "second_look"  #: one person called it not illegal; another looks as well
    WATCHING = "watching"  #: another tool works on it; nothing leaves by itself
    EMBARGO = "embargo"  #: an embargo holds it: ask who is named
    POLICE_HOLD = "police_hold"  #: police asked that nobody be told, and a child may be in danger: call them


class Proposal(Word):
    """To whom a case can be sent in one key, as the policy proposes, when it is assessed as this."""

    assessment: Assessment
    partners: tuple[str, ...]


class ReportNumber(Word):
    """How people find a report again: our number and its source's reference."""

    report: str
    dossier: Dossier | None = None  #: None until a report of an earlier version has its number
    source: str
    reference: str  #: hidden where it names the location
    told: tuple[Numbers, ...] = ()  #: what hotlines call it that it came through


class DeskQuestion(Word):
    """One thing that people are asked of a case, with its own clock and its own answer."""

    code: DeskCode
    text: str
    since: AwareDatetime
    due: AwareDatetime
    referral: str | None = None  #: the referral that it is about; None is the case itself


class DeskEntry(Word):
    """One row of the desk: urgent first, then oldest."""

    case: str
    version: int
    code: DeskCode
    text: str
    policy_version: int | None = None  #: that decided last, whose reasons these are; None before it was decided
    since: AwareDatetime  #: since when this is asked
    first_since: AwareDatetime  #: since when people have it, whatever they were asked meanwhile
    due: AwareDatetime | None = None  #: by when the first of its questions wants an answer
    questions: tuple[DeskQuestion, ...] = ()  #: everything asked of it, the most urgent first: `code` and `text`
    alarm: Literal["ringing", "acknowledged"] | None = None  #: whether people are called until somebody is on it
    urgency: Urgency
    lane: Lane
    masked: str
    site: SiteView | None = None  #: tells its host from others; None where there is no host
    verdict: VerdictKind | None = None
    country: Country | None = None
    confidence: float | None = None
    assessment: Assessment = Assessment.UNASSESSED
    proposal: tuple[str, ...] = ()  #: partners that one key would send to
    proposals: tuple[Proposal, ...] = ()  #: the same by what it would have to be assessed as
    sends: bool = False  #: the reader may send it from the list: they have seen what the policy wants seen
    reports: int = 1
    numbers: tuple[ReportNumber, ...] = ()  #: of its first reports
    held: HeldView | None = None  #: an embargo holds it: whom to ask
    holder: HolderView | None = None  #: who has it before them
    damaged: bool = False  #: what is sealed of it cannot be opened; tell the operator
    police_hold: "PoliceHold | None" = None  #: until when nobody is to be told of it
    grave: bool = False  #: its first reports say what the house tells people of before they look; not what


class AttemptView(Word):
    """One try to deliver, in plain words."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    outcome: str
    reason: str
    text: str
    receipt: str | None = None


class PartnerAct(Word):
    """What a partner did with a referral, as it says."""

    action: ActionType
    at: AwareDatetime
    reason: str | None = None  #: of Unavailable and NotIllegal: ICCAM's word, or the partner's own
    moved_to: Country | None = None  #: of Moved: where it is now
    part: str | None = None  #: the partner's own number of the part it is about, such as one file of a page


class ProgressView(Word):
    """How far the sending of a referral is, where it takes several steps."""

    step: str  #: the step that was done last, as a code of its dialect
    text: str  #: what is done, and what comes next
    since: AwareDatetime


class WaitCode(StrEnum):
    """Why nothing goes to a partner now."""

    STOPPED = "stopped"  #: staff stopped everything, or this partner
    NOT_LISTED = "not_listed"  #: the directory names it no longer
    DISABLED = "disabled"  #: its entry in the directory is switched off
    BARRED = "barred"  #: the law or the policy bars its country
    PAUSED = "paused"  #: staff paused it, or it closed its address
    DOWN = "down"  #: it could not be reached; the router tries again by itself
    CLOSED_HOURS = "closed_hours"  #: it is not called at this time of day
    AGREEMENT_ENDED = "agreement_ended"  #: what allows us to send has ended
    HELD = "held"  #: staff or a route holds this referral back
    ROUTE_STOPPED = "route_stopped"  #: staff stopped the route that chose this partner
    SOURCE_CAP = "source_cap"  #: its source has sent this partner all it may in a day
    DAILY_CAP = "daily_cap"  #: the partner has got all it takes in a day
    POLICE_HOLD = "police_hold"  #: police asked that nobody be told before a day
    EMBARGO = "embargo"  #: an embargo holds its case: ask who is named
    TRIED_AGAIN = "tried_again"  #: a try failed; the next one has its date


class WaitView(Word):
    """Why nothing goes to a partner, since when, and until when; without `until` somebody has to act."""

    code: WaitCode
    text: str
    reason: str | None = None  #: of `down` and `tried_again`: why the last try failed, by the code of an attempt
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class PoliceHold(Word):
    """A unit asked that nobody else be told of a case before a day."""

    partner: str
    since: AwareDatetime
    until: AwareDatetime


class AnswerView(Word):
    """What a unit said of a referral, as a person typed it. Who said it there is seen in the timeline only."""

    answer: UnitAnswer
    at: AwareDatetime
    by: str  #: who typed it
    number: str | None = None
    until: AwareDatetime | None = None
    outcome: Outcome | None = None


class ReferralView(Word):
    """One referral as people and programs read it."""

    id: str
    case: str
    numbers: tuple[ReportNumber, ...] = ()  #: of the first reports of its case
    partner: str
    partner_title: str
    route: str
    is_copy: bool
    state: ReferralState
    version: int
    next_at: AwareDatetime | None = None
    hold_until: AwareDatetime | None = None
    hold_reason: str | None = None
    policy_version: int | None = None  #: whose reason that is; None where no route holds it
    attempts: tuple[AttemptView, ...] = ()
    receipt: str | None = None
    accepted_at: AwareDatetime | None = None
    last_text: str | None = None
    said: tuple[PartnerAct, ...] = ()  #: what its partner did, oldest first
    progress: ProgressView | None = None  #: None before the first of several steps, and once it was accepted
    waits: WaitView | None = None  #: why its partner is not called now
    supersedes: str | None = None
    superseded_by: str | None = None
    reply_code: str | None = None  #: by which a unit names it, where people bring the partner's word
    bundle: str | None = None  #: the first referral of the bundle that it left in
    telephone: str | None = None  #: where people tell its partner what cannot wait
    answers: tuple[AnswerView, ...] = ()  #: what the unit said since, oldest first
    unconfirmed: bool = False  #: people have yet to tell its partner that it was taken back, and to say so
    acts: tuple[str, ...] = ()  #: what the reader may do to it now: hold, release, override, retry, recall and more


class ItemView(Word):
    """One item that joined the case; sensitive parts only in a revealed case file."""

    id: str
    report: str
    dossier: Dossier | None = None  #: our own number of the report
    reference: str  #: its source's; hidden where it names the location, unless revealed
    told: tuple[Numbers, ...] = ()  #: what hotlines call it that it came through
    source: str
    received_at: AwareDatetime
    received_at_known: bool = True  #: False: that is only about when
    added_at: AwareDatetime
    assessment: Assessment = Assessment.UNASSESSED  #: what its source found it to be
    assessed_by: str | None = None  #: the author of that
    assessed_at: AwareDatetime | None = None
    location: str  #: masked, unless revealed
    item_reference: str | None = None  #: hidden where it names the location, unless revealed, as the next
    parent: str | None = None  #: what its source calls the page that this file is on
    page: str | None = None  #: the case of that page, once it is known here
    files: tuple[str, ...] = ()  #: of a page: the cases of the files on it
    labels: tuple[Label, ...] = ()  #: only when revealed
    severity: Severity | None = None  #: only when revealed
    last_seen: Seen | None = None  #: only when revealed
    payment_methods: tuple[PaymentMethod, ...] = ()  #: only when revealed
    age: AgeCategory | None = None  #: only when revealed
    gender: GenderCategory | None = None  #: only when revealed
    ways_in: WaysIn | None = None  #: only when revealed
    account: Account | None = None  #: only when revealed
    memo: str | None = None  #: only when revealed
    note_to_partner: str | None = None  #: only when revealed
    unread: str | None = None  #: only when revealed: what its peer said that this version does not read, as JSON
    through: str | None = None  #: the case of the short link that led here


class TimelineEntry(Word):
    """One thing that happened to a case, from the audit chain."""

    at: AwareDatetime
    actor: str
    act: str
    text: str
    detail: dict[str, JsonValue] = Field(default_factory=dict)  #: what `text` says, by name: codes and counts
    referral: str | None = None
    why: tuple[RouteWhy, ...] = ()  #: of each route that matched, where the policy decided
    typed: str | None = None  #: the reason a person typed
    damaged: bool = False  #: that reason, or the entry, is not what was written


class CaseSummary(Word):
    """One row of `GET /v1/cases`."""

    id: str
    numbers: tuple[ReportNumber, ...] = ()  #: of its first reports
    state: CaseState
    version: int
    kind: LocationKind
    masked: str
    site: SiteView | None = None  #: tells its host from others; None where there is no host
    verdict: VerdictKind | None = None
    hosting_country: Country | None = None
    assigned_country: Country | None = None
    confidence: float | None = None
    assessment: Assessment
    urgency: Urgency
    partners: tuple[str, ...] = ()
    outcome: Outcome | None = None
    opened_at: AwareDatetime
    next_at: AwareDatetime | None = None  #: the earliest of all its clocks, those of people among them
    looks_at: AwareDatetime | None = None  #: when the router looks at it by itself
    desk: DeskCode | None = None  #: why it is with people, the most urgent reason
    reasons: tuple[DeskCode, ...] = ()  #: every reason
    held: HeldView | None = None  #: an embargo holds it: whom to ask
    damaged: bool = False  #: what is sealed of it cannot be opened; tell the operator


class CaseFile(Word):
    """All that is kept of one case. Masked unless `revealed`."""

    summary: CaseSummary
    revealed: bool = False
    location: str  #: masked and defanged, or in full when revealed
    flags: tuple[str, ...] = ()
    site_type: SiteType | None = None  #: only when revealed
    commerciality: Commerciality | None = None  #: only when revealed
    desk: DeskEntry | None = None
    trace: Trace | None = None  #: names are masked unless revealed
    decision: Decision | None = None
    decision_by: str | None = None
    policy_decision: Decision | None = None  #: what the policy said last, where a person decided otherwise
    turns: tuple[Turn, ...] = ()  #: who has had it, and for how long each
    leaving: tuple[Leaving, ...] = ()  #: what will be sent to whom, field by field
    linked: tuple[LinkedCase, ...] = ()  #: the cases that belong to it; each names this one too
    items: tuple[ItemView, ...] = ()
    referrals: tuple[ReferralView, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    moved_from: Country | None = None
    came_back_from: str | None = None  #: the case of this location that was closed before
    leads_to: str | None = None  #: the case of the place that this short link leads to
    rests_on: str | None = None  #: what the outcome rests on
    acts: tuple[str, ...] = ()  #: what the reader may do now, by the names of `casework/case/acts.py`
    holder: HolderView | None = None  #: who has it before them
    seen: bool = True  #: whether the reader has revealed it, so that they may say what it is
    over_when_said: tuple[DeskCode, ...] = ()  #: open questions that `done` ends
    units_to_tell: tuple[str, ...] = ()  #: the police that `told-police` may name
    proposals: tuple[Proposal, ...] = ()  #: what `send` would do; empty when there is nothing to send
    police_hold: PoliceHold | None = None  #: until when nobody is to be told of it
    grave: bool = False  #: a report says what the house tells people of before they look; not what
    probes: tuple[ProbeView, ...] = ()  #: how its host was asked whether it is there, the first one first
