"""The one schema, for SQLite and PostgreSQL alike (SQLAlchemy Core; written by our own drivers, see `base`).

Conventions: ids are UUIDv7 text, so they sort by time within the process that drew them: what is the newest is said by
its date, and by its id only among equal dates (a list that pages through a whole table goes by id alone); moments are
`BigInteger` microseconds since the epoch, UTC; flags are 0/1; JSON is text; `*_bidx` are blind indexes and `sealed`
columns hold ciphertext (`guard/seal`). Simple types only: drivers run without SQLAlchemy's type processing.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from router.store.schema.alarms import alarm_ways, alarms
from router.store.schema.audit import audit, checkpoints, epochs, house_reasons, meta
from router.store.schema.embargoes import embargo_hits, embargoes
from router.store.schema.figures import (
    figure_cases,
    figure_doubts,
    figure_editions,
    figure_items,
    figure_marks,
    figure_referrals,
    figure_reports,
    figure_signs,
)
from router.store.schema.found import traces
from router.store.schema.hub import hub_inboxes, hub_items, part_actions
from router.store.schema.leases import desk_views, leases, passed_on, viewing_lines, viewings
from router.store.schema.metadata import metadata
from router.store.schema.outcomes import (
    actions,
    attempts,
    case_numbers,
    decisions,
    follow_ups,
    reminders,
    silent_traces,
)  # fmt: skip
from router.store.schema.partners import (
    call_budgets,
    partner_pauses,
    partner_state,
    proposals,
    stops,
    unit_answers,
    unit_letters,
)
from router.store.schema.peers import inbox, nonces, status_rounds
from router.store.schema.people import (
    account_news,
    accounts,
    exposures,
    factors,
    farewells,
    idempotency,
    mandates,
    oidc_subjects,
    recovery_codes,
    sessions,
    tokens,
)
from router.store.schema.probes import probed_hosts, probes
from router.store.schema.requests import requests
from router.store.schema.restored import left_before_restore
from router.store.schema.retention import erasures, legal_holds
from router.store.schema.sightings import second_looks, sightings
from router.store.schema.sources import source_sent, sources
from router.store.schema.status import status_changes, status_news
from router.store.schema.tallies import tallies
from router.store.schema.trails import trails
from router.store.schema.versions import directories, policies
from schemas.states import CaseState, ReferralState

__all__ = [
    "account_news", "accounts", "actions", "alarm_ways", "alarms", "attempts", "audit", "call_budgets", "case_keys",
    "case_numbers", "cases", "checkpoints", "decisions", "desk_views", "directories", "embargo_hits", "embargoes",
    "epochs", "erasures", "exposures", "factors", "farewells", "figure_cases", "figure_doubts", "figure_editions",
    "figure_items", "figure_marks", "figure_referrals", "figure_reports", "figure_signs", "follow_ups", "house_reasons",
    "hub_inboxes", "hub_items", "idempotency", "inbox", "items", "leases", "left_before_restore", "legal_holds",
    "mandates", "meta", "metadata", "nonces", "oidc_subjects", "part_actions", "partner_pauses", "partner_state",
    "passed_on", "policies", "probed_hosts", "probes", "proposals", "recovery_codes", "referrals", "reminders",
    "reports", "requests", "second_looks", "sessions", "sightings", "silent_traces", "source_sent", "sources",
    "status_changes", "status_news", "status_rounds", "stops", "tallies", "tokens", "traces", "trails", "unit_answers",
    "unit_letters", "viewing_lines", "viewings",
]  # fmt: skip


def _in(column: str, values: type[CaseState] | type[ReferralState]) -> str:
    return f"{column} IN ({', '.join(repr(str(v)) for v in values)})"


def _claim() -> list[Column[object]]:
    """Columns of a row that workers claim: version is the fence, claims counts tries without an outcome."""
    return [
        Column("version", Integer, nullable=False),
        Column("next_at", BigInteger),
        Column("claimed_by", Text),
        Column("claimed_until", BigInteger),
        Column("claims", Integer, nullable=False, server_default=text("0")),
    ]


reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("reference_bidx", LargeBinary, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),  # keyed; tells a replay from another body
    Column("received_at", BigInteger, nullable=False),  # when the public reported it
    Column("taken_at", BigInteger, nullable=False),
    Column("assessment", Text, nullable=False),
    Column("heard_at", BigInteger),  # when we heard of that assessment; null when it came with the report
    Column("urgency", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("dossier", Text),  # our own number of it; null until the first start after 0.2 gives one to older reports
    Column("status_told", Text),  # digest of what its source was last told of it; null for nothing yet
    UniqueConstraint("reference_bidx", "source"),
)
#: Two reports never have one number: whoever draws one that is taken draws again.
Index("report_dossier", reports.c.dossier, unique=True)

items = Table(
    "items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("report_id", Text, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("case_id", Text, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),  # schemas.casefile.ItemSecrets
    Column("added_at", BigInteger, nullable=False),
    Column("assessment", Text, nullable=False, server_default=text("'unassessed'")),  # its own, or else its report's
    Column("heard_at", BigInteger),  # when we heard of that; null when it came with the report
    Column("reference_bidx", LargeBinary),  # what its source calls it, in one space with the references of reports
    Column("parent_bidx", LargeBinary),  # the same of the page that it is on
    Column("account_bidx", LargeBinary),  # the account that shared it
)
for _name, _column in (
    ("item_reference", items.c.reference_bidx),
    ("item_parent", items.c.parent_bidx),
    ("item_account", items.c.account_bidx),
):
    Index(_name, _column, sqlite_where=_column.is_not(None), postgresql_where=_column.is_not(None))

#: What people are asked, and what they were asked before a case is decided anew, has a date by which they must answer.
DESK_IS_DUE: Final = "(desk_code IS NULL AND desk_asked IS NULL) OR desk_due IS NOT NULL"

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    *_claim(),
    Column("kind", Text, nullable=False),
    Column("url_bidx", LargeBinary, nullable=False),
    Column("host_bidx", LargeBinary),
    Column("domain_bidx", LargeBinary),  # of the registrable domain; empty for none, null until `intake/domains` looked
    Column("sealed", LargeBinary, nullable=False),  # schemas.casefile.CaseSecrets
    Column("lane", Text, nullable=False),
    Column("rank", Integer, nullable=False),  # 0 is worked first: urgency, then lane
    Column("source", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("cap_source", Text),  # the least capped source that reported it: whose daily cap its referrals count against
    Column("assessment", Text, nullable=False),
    Column("assessed_at", BigInteger),
    Column("staff_assessment", Text),  # what a person said it is, having seen what the reports say; null for nobody
    Column("staff_assessed_at", BigInteger),
    Column("urgency", Text, nullable=False),
    Column("site_type", Text),
    Column("commerciality", Text),
    Column("received_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger),  # when somebody last saw it there, as reports and looks say; null for nobody
    Column("opened_at", BigInteger, nullable=False),
    Column("verdict", Text),
    Column("hosting_country", Text),
    Column("registration_country", Text),
    Column("assigned_country", Text),
    Column("confidence", Float),
    Column("trace_id", Text),
    Column("traced_at", BigInteger),
    Column("decision_id", Text),
    Column("policy_version", Integer),
    Column("desk_code", Text),  # why it is with people, the most urgent reason of several; null when it is not
    Column("desk_text", Text),
    Column("desk_since", BigInteger),
    Column("desk_due", BigInteger),
    Column("desk_about", Text),  # the referral that this is about; null for the case itself
    Column("desk_more", Text),  # JSON: what else people are asked of it, each with its own clock; null for nothing
    Column("desk_also", Text),  # the codes of those, each between commas: what a list is narrowed by
    Column("desk_asked", Text),  # the question that nobody answered yet, also while the case is decided anew
    Column("desk_first_since", BigInteger),  # since when people have it
    Column("desk_alarm", Text),  # the alarm of that question, when it rings
    Column("acknowledged_at", BigInteger),  # when somebody said that they are on it
    Column("moved_from", Text),  # the country it was in before it moved
    Column("bounced", Integer, nullable=False, server_default=text("0")),  # not written any more (decide/facts counts)
    Column("watching", Integer, nullable=False, server_default=text("0")),  # another tool works on it: nothing leaves
    Column("path", Text, nullable=False, server_default=text("'[]'")),  # JSON: hotlines it has been at
    Column("given_back_at", BigInteger),  # when the peers that referred it were told that it is not ours
    Column("origin", Text),  # the peer it came from
    Column("origin_reference", Text),
    Column("gone_checks", Integer, nullable=False, server_default=text("0")),  # how many of these count by the policy
    Column("gone_seen", Text),  # JSON: when checks in a row found no host, none between that found one; null for none
    Column("still_there", Integer, nullable=False, server_default=text("0")),  # checks at which a person saw it there
    Column("outcome", Text),
    Column("rests_on", Text),  # what the outcome rests on, in words
    Column("closed_at", BigInteger),
    Column("came_back_from", Text),  # the case of its location that was closed before, the latest
    Column("heard_from", Text),  # JSON: the people's sources that reported it; null for none
    Column("erased", Text),  # schemas.retention.Kept: what is gone of it; null for nothing
    Column("undo", Text),  # JSON: what the last act of a person changed, while that may be undone; null for nothing
    CheckConstraint(_in("state", CaseState), name="state_known"),
    CheckConstraint(
        "(state = 'closed' AND outcome IS NOT NULL AND closed_at IS NOT NULL AND next_at IS NULL)"
        " OR (state <> 'closed' AND (next_at IS NOT NULL OR desk_code IS NOT NULL))",
        name="nothing_waits_unseen",
    ),
    CheckConstraint("(state = 'desk') = (desk_code IS NOT NULL)", name="desk_has_its_reason"),
    # SQLite adds no rule to a table that is there: the same stands in two triggers (revision 0016).
    CheckConstraint(DESK_IS_DUE, name="desk_is_due").ddl_if(dialect="postgresql"),
)
#: One open case per canonical URL; closed ones leave the index.
Index(
    "case_open_url",
    cases.c.url_bidx,
    unique=True,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)
#: Whether a location was that of a case that is over: asked once for each case that is opened, for figures.
Index(
    "case_closed_url",
    cases.c.url_bidx,
    sqlite_where=text("state = 'closed'"),
    postgresql_where=text("state = 'closed'"),
)
#: What only watches while another tool owns its inbox: few, and asked for in each turn of an inbox that is ours.
Index("case_watching", cases.c.source, sqlite_where=text("watching = 1"), postgresql_where=text("watching = 1"))
#: What is over has no next date (a rule of both tables), so no planner must prove states.
_DATED = text("next_at IS NOT NULL")
Index("case_due", cases.c.rank, cases.c.next_at, sqlite_where=_DATED, postgresql_where=_DATED)
_ON_DESK = text("desk_code IS NOT NULL")
#: What the desk is narrowed by stands behind its orders: a row that is left out costs no look at its case.
_NARROWED: Final = (cases.c.desk_code, cases.c.source, cases.c.hosting_country, cases.c.desk_also)
for _name, _order in (
    ("case_waiting", (cases.c.rank, cases.c.desk_first_since, cases.c.id)),
    ("case_oldest", (cases.c.desk_first_since, cases.c.id)),
    ("case_desk_due", (cases.c.desk_due, cases.c.id)),
):
    Index(_name, *_order, *_NARROWED, sqlite_where=_ON_DESK, postgresql_where=_ON_DESK)
_BESIDE: Final = (cases.c.desk_also, cases.c.desk_code, cases.c.source, cases.c.hosting_country, cases.c.id)
_ALSO = text("desk_also IS NOT NULL")  # few, and counted beside what tallies say of the first reasons
Index("case_desk_also", *_BESIDE, sqlite_where=_ALSO, postgresql_where=_ALSO)
#: What else a list of cases is read from: each order and filter has its index.
Index("case_state", cases.c.state, cases.c.id)
Index("case_source", cases.c.source, cases.c.id)
Index("case_country", cases.c.hosting_country, cases.c.id)
#: The cases of one host, its open ones first on SQLite; and the hosts whose tags are alike (`read/sites`).
Index("case_url", cases.c.url_bidx, cases.c.id)  # of open and closed ones: what somebody looks for
Index("case_host", cases.c.host_bidx, cases.c.closed_at, cases.c.id)
#: The cases of one registrable domain; and those of an earlier version whose domain nobody indexed yet.
Index("case_domain", cases.c.domain_bidx, cases.c.id)
#: What may be erased, by when it was closed.
Index("case_kept", cases.c.closed_at, cases.c.id, cases.c.erased)
_UNHEARD = text("desk_alarm IS NOT NULL AND acknowledged_at IS NULL AND desk_code IS NOT NULL")
Index("case_unheard", cases.c.desk_first_since, sqlite_where=_UNHEARD, postgresql_where=_UNHEARD)
_AT_RISK = text("urgency <> 'none' AND state <> 'closed'")
Index("case_at_risk", cases.c.id, sqlite_where=_AT_RISK, postgresql_where=_AT_RISK)
_STILL_THERE = text("still_there > 0 AND state <> 'closed'")
#: Of what somebody saw there at a check partners are reminded: few, beside a million that they have.
Index("case_still_there", cases.c.id, sqlite_where=_STILL_THERE, postgresql_where=_STILL_THERE)

#: Wrapped case keys, apart from what they open: erasure deletes the row here, and a backup leaves this table out.
case_keys = Table(
    "case_keys",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", Text, primary_key=True),  # also the idempotency key at the partner
    Column("case_id", Text, nullable=False, index=True),
    Column("decision_id", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("is_copy", Integer, nullable=False),
    Column("state", Text, nullable=False),
    *_claim(),
    Column("rank", Integer, nullable=False),
    Column("lane", Text, nullable=False),
    Column("counted_on", BigInteger),  # start of the day on which it last counted against its source's daily cap
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # counted ones
    Column("created_at", BigInteger, nullable=False),
    Column("hold_until", BigInteger),
    Column("hold_reason", Text),
    Column("payload", LargeBinary),  # sealed; frozen by the first attempt
    Column("dialect", Text),  # the dialect that froze it; no other can send it
    Column("payload_digest", LargeBinary),
    Column("trace_id", Text),  # the trace the payload was made from
    Column("may_have_arrived", Integer, nullable=False, server_default=text("0")),
    Column("first_sent_at", BigInteger),
    Column("accepted_at", BigInteger),
    Column("escalated_at", BigInteger),
    Column("receipt", Text),
    Column("last_reason", Text),  # why the last attempt did not succeed, as a code
    Column("last_text", Text),  # the same in words for the desk
    Column("status_at", BigInteger),
    Column(
        "still_there_at", BigInteger
    ),  # its partner is to be reminded since: it was seen there, or of police: a check ended open
    Column("reminded_at", BigInteger),  # when the digest that names it was taken last
    Column("misrouted_at", BigInteger),  # when it was found out that it had gone to the wrong country
    Column("supersedes", Text),
    Column("superseded_by", Text),
    Column("progress", LargeBinary),  # sealed; what a dialect of several steps needs to go on, to ask and to withdraw
    Column("progress_step", Text),  # the step that was done last, as a code; null for one that has not begun
    Column("progress_text", Text),  # the same in words for the desk
    Column("progress_at", BigInteger),  # since when
    Column("in_doubt", Integer, nullable=False, server_default=text("0")),  # the next call may have been made already
    Column("by_people", Integer, nullable=False, server_default=text("0")),  # people bring its partner's word
    Column("bundle", Text, index=True),  # the first referral of the bundle that it left in
    Column("their_report", Text),  # the partner's number of all that it was given at once, by which people look for it
    Column("their_item", Text),  # and of this of it
    CheckConstraint(_in("state", ReferralState), name="state_known"),
    CheckConstraint(
        "state NOT IN ('waiting', 'sending', 'recall_pending', 'withdrawing') OR next_at IS NOT NULL",
        name="pending_is_dated",
    ),
    CheckConstraint(
        "state IN ('waiting', 'sending', 'recall_pending', 'withdrawing', 'held') OR next_at IS NULL",
        name="finished_has_no_date",
    ),
    CheckConstraint("state <> 'accepted' OR receipt IS NOT NULL", name="accepted_has_receipt"),
)
_IN_TURN = (referrals.c.partner, referrals.c.rank, referrals.c.next_at)
Index("referral_due", *_IN_TURN, sqlite_where=_DATED, postgresql_where=_DATED)
#: What went wrong: few, and counted for figures beside a million that went right.
for _name, _wrong in (
    ("referral_misrouted", text("misrouted_at IS NOT NULL")),
    ("referral_bounced", text("last_reason IN ('refused', 'not_ours')")),
):
    Index(_name, referrals.c.id, sqlite_where=_wrong, postgresql_where=_wrong)
#: Since when the oldest waits that a partner is to get, whatever its turn is: a page says it of every partner.
_WAITS = text("state = 'waiting'")
Index("referral_oldest", referrals.c.partner, referrals.c.created_at, sqlite_where=_WAITS, postgresql_where=_WAITS)
_BEGUN = text("progress_step IS NOT NULL AND next_at IS NOT NULL")
#: What is half done: few, and it goes before what has not begun, beside a million that wait.
Index("referral_begun", *_IN_TURN, sqlite_where=_BEGUN, postgresql_where=_BEGUN)
#: What partners are to be reminded of, and when they were last: few, beside a million that they have.
for _name, _at in (("referral_to_ask", referrals.c.still_there_at), ("referral_asked", referrals.c.reminded_at)):
    _is_dated = text(f"{_at.name} IS NOT NULL")
    Index(_name, referrals.c.partner, _at, sqlite_where=_is_dated, postgresql_where=_is_dated)
#: Which receipts units gave: by its number a case is found, and whether it stands on another bundle already.
Index(
    "referral_receipt",
    referrals.c.receipt,
    referrals.c.partner,
    sqlite_where=text("by_people = 1"),
    postgresql_where=text("by_people = 1"),
)
_REPORTED = text("their_report IS NOT NULL")
_REPORTED_ITEM = text("their_item IS NOT NULL")
#: What a hub calls it: few by a number, beside a million that have none.
Index("referral_their_report", referrals.c.their_report, sqlite_where=_REPORTED, postgresql_where=_REPORTED)
Index("referral_their_item", referrals.c.their_item, sqlite_where=_REPORTED_ITEM, postgresql_where=_REPORTED_ITEM)
_APART = text("state IN ('held', 'recall_pending', 'withdrawing')")
#: What neither waits nor is being sent and still has a date: few, and asked for beside a million that wait.
Index("referral_apart", referrals.c.partner, referrals.c.next_at, sqlite_where=_APART, postgresql_where=_APART)
#: One live referral per case and partner: what makes a second decision unable to double a first one.
Index(
    "referral_live",
    referrals.c.case_id,
    referrals.c.partner,
    unique=True,
    sqlite_where=text("state IN ('waiting', 'held', 'sending', 'recall_pending', 'accepted', 'unknown')"),
    postgresql_where=text("state IN ('waiting', 'held', 'sending', 'recall_pending', 'accepted', 'unknown')"),
)
#: What lists of referrals are read from.
Index("referral_state", referrals.c.state, referrals.c.id)
Index("referral_partner", referrals.c.partner, referrals.c.case_id, referrals.c.id)
for _name, _which in (
    ("referral_bundled", text("bundle IS NOT NULL")),
    ("referral_tried", text("attempts > 0 AND state IN ('waiting', 'sending')")),
):
    Index(_name, referrals.c.id, sqlite_where=_which, postgresql_where=_which)
