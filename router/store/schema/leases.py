"""Who has which item of the desk before them, and who handed one on today."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text

from router.store.schema.metadata import metadata

#: One person at a time, until then. A row whose time is over is forgotten soon (`retention/expired`), or the next one
#: takes its place.
leases = Table(
    "leases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("by", Text, nullable=False),  # a person, `person:NAME`
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
Index("lease_by", leases.c.by, leases.c.until)

#: Not this person, not today: nobody counts these, and they are forgotten when the day is over.
passed_on = Table(
    "passed_on",
    metadata,
    Column("case_id", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    PrimaryKeyConstraint("case_id", "by", name="passed_on_pk"),
)
Index("passed_on_by", passed_on.c.by, passed_on.c.until)
