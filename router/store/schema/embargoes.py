"""Tables of what must not leave until a date, and of which cases that held something (conventions: `tables`)."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from router.store.schema.metadata import metadata

embargoes = Table(
    "embargoes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # open | ended
    Column("kind", Text, nullable=False),  # schemas.embargo.EmbargoKind
    Column("marks", Text, nullable=False),  # JSON: the blind indexes of what it names, in hexadecimal
    Column("sealed", LargeBinary, nullable=False),  # schemas.embargo.EmbargoSecrets
    Column("ask", Text, nullable=False),  # the account whom analysts are to ask
    Column("by", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("ended_by", Text, nullable=False, server_default=text("'[]'")),  # JSON: who ended it and who confirmed that
)
Index("embargo_state", embargoes.c.state)

#: Which cases an embargo held something of. When it is over, they go on.
embargo_hits = Table(
    "embargo_hits",
    metadata,
    Column("embargo_id", Text, nullable=False),
    Column("case_id", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),  # the first time
    Column("resumed_at", BigInteger),  # when the case went on
    PrimaryKeyConstraint("embargo_id", "case_id"),
)
_HELD = embargo_hits.c.resumed_at.is_(None)
Index("embargo_held", embargo_hits.c.embargo_id, sqlite_where=_HELD, postgresql_where=_HELD)
