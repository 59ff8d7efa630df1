"""Who has which item of the desk before them, who handed one on today, and the lists that people keep by name."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

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

#: So many places as somebody may keep lists: two who take the same one at once do not both get it.
desk_views = Table(
    "desk_views",
    metadata,
    Column("owner", Text, nullable=False),  # a person, `person:NAME`, or `house` for all of them
    Column("slot", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("wanted", Text, nullable=False),  # JSON: schemas.pages.DeskWanted, of what no location can stand in
    Column("made_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "slot", name="desk_views_pk"),
)
