"""What is remembered of partners between calls: how each stands, what must not leave, and how often they are called."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, Table, Text, text

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
    Column("answered_at", BigInteger),  # when it last answered as it should, within a minute
)

#: Who paused a partner and why, for as long as it is; one that closed its address by itself has none.
partner_pauses = Table(
    "partner_pauses",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the reason as a person typed it
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
    Column("case_id", Text, nullable=False, index=True),
    Column("answer", Text, nullable=False),  # schemas.vocabulary.UnitAnswer
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),  # who typed it; who said it there is sealed in the audit entry
    Column("number", Text, index=True),
    Column("until", BigInteger),  # of hold_until
    Column("outcome", Text),  # of closed
)

#: Letters of police units of which people were told, or that were taken for a receipt; what they say is not kept.
unit_letters = Table(
    "unit_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("nameless", Integer, nullable=False, server_default=text("0")),  # no case of ours stands in it
    Column("read_at", BigInteger),  # of one of these: when somebody had read it, and who
    Column("read_by", Text),
)
_UNREAD = text("nameless = 1 AND read_at IS NULL")
Index("letter_unread", unit_letters.c.partner, sqlite_where=_UNREAD, postgresql_where=_UNREAD)

#: The pace of calls of dialects that make several for one referral; `partner_state` paces what is claimed.
call_budgets = Table(
    "call_budgets",
    metadata,
    Column("name", Text, primary_key=True),  # PARTNER:push | PARTNER:pull
    Column("free_at", BigInteger, nullable=False),  # when the next call may be made
)

#: One row for each thing that may be proposed; what replaces it, is confirmed or ends takes the row away, but for a
#: change that is in force by break-glass, which stays until it is undone or confirmed.
proposals = Table(
    "proposals",
    metadata,
    Column("subject", Text, primary_key=True),  # partner:NAME | source:NAME | territories | alarm | policy
    Column("id", Text, nullable=False),  # what a second person saw and confirms
    Column("by", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),  # when it ends by itself, and a broken glass is undone
    Column("base", Text),  # JSON of what was in force when it was proposed; null for nothing
    Column("body", Text, nullable=False),  # what is proposed, in the form of its subject
    Column("glass_by", Text),  # who put it in force without a second person
    Column("sealed", LargeBinary),  # the reason that they typed
)
