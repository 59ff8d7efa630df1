"""Tables of those who report to us, and of what partners got of them."""

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text, text

from router.store.schema.metadata import metadata

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("assesses", Integer, nullable=False),
    Column("lane", Text, nullable=False),
    Column("daily_cap", Integer),  # referrals a partner gets from this source in a day
    Column("may_ring", Integer, nullable=False, server_default=text("0")),  # whether its reports wake somebody up
    Column("status_hook", Text),  # JSON of schemas.source.StatusHook: where it hears of its reports; null for nowhere
)

#: What partners got of sources that have a daily cap. Claims count here, in their own transaction (`quota`).
source_sent = Table(
    "source_sent",
    metadata,
    Column("source", Text, nullable=False),
    Column("partner", Text, nullable=False),
    Column("day", BigInteger, nullable=False),  # start of the day that sent counts
    Column("sent", Integer, nullable=False),
    PrimaryKeyConstraint("source", "partner"),
)
