"""What is remembered of partners between calls: how each stands, what must not leave, and how often they are called."""

from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, Table, Text

from router.store.schema.metadata import metadata

partner_state = Table(
    "partner_state",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("breaker", Text, nullable=False),  # closed | open | half_open
    Column("failures", Integer, nullable=False),
    Column("opened_until", BigInteger),
    Column("paused", Text),  # the reason, when 410 or staff paused it
    Column("day", BigInteger, nullable=False),  # start of the day that sent_today counts
    Column("sent_today", Integer, nullable=False),
    Column("tokens", Float, nullable=False),
    Column("tokens_at", BigInteger, nullable=False),
    Column("since", BigInteger),  # when it was last found down, or paused; null while it is called
    Column("because", Text),  # why the call failed that opened the breaker, as a code of partners.base.Reason
    Column("clock_ahead", Integer),  # seconds by which its clock was ahead of ours when it last said the time
)

stops = Table(
    "stops",
    metadata,
    Column("scope", Text, primary_key=True),  # all | partner:NAME | route:NAME
    Column("since", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),  # empty; versions before 0.3 kept the reason here
    Column("sealed", LargeBinary),  # the reason as a person typed it
)

#: What police units said of what they were handed, as people typed it.
unit_answers = Table(
    "unit_answers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False, index=True),
    Column("case_id", Text, nullable=False),
    Column("answer", Text, nullable=False),  # schemas.vocabulary.UnitAnswer
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),  # who typed it; who said it there is sealed in the audit entry
    Column("number", Text),
    Column("until", BigInteger),  # of hold_until
    Column("outcome", Text),  # of closed
)

#: The pace of calls of dialects that make several for one referral; `partner_state` paces what is claimed.
call_budgets = Table(
    "call_budgets",
    metadata,
    Column("name", Text, primary_key=True),  # PARTNER:push | PARTNER:pull
    Column("free_at", BigInteger, nullable=False),  # when the next call may be made
)
