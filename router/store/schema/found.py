"""What was found out about a case's host at a moment."""

from sqlalchemy import BigInteger, Column, Float, LargeBinary, Table, Text

from router.store.schema.metadata import metadata

traces = Table(
    "traces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("traced_at", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("country", Text),
    Column("confidence", Float, nullable=False),
    Column("outcome", Text),  # schemas.trace.DnsOutcome
    Column("provider", Text),  # whose network it is hosted in, for figures; null where there is none, or several
    Column("sealed", LargeBinary, nullable=False),  # schemas.trace.Trace
)
