"""The table of what people ask of us about themselves (conventions: `tables`)."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from router.store.schema.metadata import metadata

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # schemas.requests.RequestKind
    Column("state", Text, nullable=False),  # schemas.requests.RequestState
    Column("received_on", Text, nullable=False),  # YYYY-MM-DD, by the house's calendar
    Column("due_on", Text, nullable=False),  # the last day to answer, likewise
    Column("extended", Integer, nullable=False, server_default=text("0")),
    Column("sealed", LargeBinary, nullable=False),  # schemas.requests.RequestSecrets
    Column("by", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("agreed_by", Text),
    Column("agreed_at", BigInteger),
    Column("closed_by", Text),
    Column("closed_at", BigInteger),
    Column("outcome", Text),  # schemas.requests.RequestOutcome
)
_OPEN = requests.c.closed_at.is_(None)
Index("request_due", requests.c.due_on, sqlite_where=_OPEN, postgresql_where=_OPEN)
