"""Who has seen which location in full, and what a second person found of what the first one called not illegal."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from router.store.schema.metadata import metadata

#: A row for each person and case: written with the reveal, before anything is shown.
sightings = Table(
    "sightings",
    metadata,
    Column("case_id", Text, nullable=False),
    Column("by", Text, nullable=False),  # a person, `person:NAME`
    Column("at", BigInteger, nullable=False),  # the last time
    PrimaryKeyConstraint("case_id", "by", name="sightings_pk"),
)

#: What was closed as not illegal and drawn for a second person; `agrees` is null until that one has said so.
second_looks = Table(
    "second_looks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("second", Text),
    Column("answered_at", BigInteger),
    Column("agrees", Integer),
)
Index("second_look_of", second_looks.c.case_id)
