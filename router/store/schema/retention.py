"""What is kept beyond its time, and the record of what was erased, which names nothing of it."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from router.store.schema.metadata import metadata

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("ended_at", BigInteger),  # null while it lasts; its end starts the period
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("kept", Text, nullable=False),  # schemas.retention.Kept
    Column("cases", Integer, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: how many by outcome, source and country of hosting
)
