"""What was decided about cases, and what came of it: each try to deliver, what partners did, the checks to come."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from router.store.schema.metadata import metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("trace_id", Text),
    Column("decided_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("facts", Text, nullable=False),  # JSON of schemas.facts.Facts: nothing identifying
    Column("decision", Text, nullable=False),  # JSON of schemas.decision.Decision without its typed reason
    Column("sealed", LargeBinary),  # the reason as typed by a person
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),  # accepted | deferred | refused | unknown
    Column("counted", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("receipt", Text),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("referral_id", Text),
    Column("action", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),  # of Unavailable and NotIllegal: ICCAM's word, or the partner's own
    Column("moved_to", Text),  # of Moved: the country where it is now
    UniqueConstraint("case_id", "by", "action", "at"),
)

#: Whose host is looked up on the policy's days, and nobody is asked or told; a row goes with its last day.
silent_traces = Table(
    "silent_traces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("since", BigInteger, nullable=False),  # when a partner had it, from which the days are counted
    Column("due_at", BigInteger, nullable=False, index=True),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("due_at", BigInteger, nullable=False),
    Column("done_at", BigInteger),
    Column("finding", Text),  # removed | gone | moved | still_there | unclear | not_checked
    Column("text", Text),
)
#: One open check a case.
Index(
    "follow_up_open",
    follow_ups.c.case_id,
    unique=True,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)

_NOT_CHECKED = text("finding = 'not_checked'")
Index("follow_up_not_checked", follow_ups.c.case_id, sqlite_where=_NOT_CHECKED, postgresql_where=_NOT_CHECKED)

#: Who took the one digest by which a partner is reminded on a day, to hand it over.
reminders = Table(
    "reminders",
    metadata,
    Column("partner", Text, nullable=False),
    Column("day", Text, nullable=False),  # YYYY-MM-DD, by the clock of the house
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    PrimaryKeyConstraint("partner", "day", name="reminders_pk"),
)

#: What others call a case, as people typed it with an act that belongs to no answer of a unit: with an alarm that they
#: acknowledged, or with what they handed over by another way.
case_numbers = Table(
    "case_numbers",
    metadata,
    Column("case_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "number", name="case_numbers_pk"),
    Index("case_number", "number"),
)
