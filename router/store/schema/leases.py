"""Who has which item of the desk before them, who handed one on today, and the lists that people keep by name.

And what somebody took from the desk to a closed room: a viewing session and its lines, which name cases and no place.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

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
    Column("viewing", Text),  # the viewing session in which they have it
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

#: A list that somebody took to look at in a room of its own. One at a time: `open_by` is null once it has ended.
viewings = Table(
    "viewings",
    metadata,
    Column("name", Text, primary_key=True),  # schemas.viewing.SESSION_FORM
    Column("by", Text, nullable=False),  # a person, `person:NAME`
    Column("open_by", Text),
    Column("opened_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("room", Text),  # fingerprint of the key that its file is encrypted to; null for one on screen
    Column("digest", Text),  # SHA-256 of that file, in hexadecimal
    Column("ended_as", Text),  # schemas.viewing.Ended
    Column("ended_at", BigInteger),
    Column("ended_by", Text),
    UniqueConstraint("open_by", name="viewing_open_by"),
)

#: A case of it. Whoever brings back what was seen names the line by its token, which says nothing of the case.
viewing_lines = Table(
    "viewing_lines",
    metadata,
    Column("token", Text, primary_key=True),
    Column("viewing", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of the case, as its person knows it
    Column("looked_at", BigInteger),  # when what they found is kept, and what it is is still to be
    Column("done_at", BigInteger),
    Column("said", LargeBinary),  # keyed; tells whether the same is brought once more
)
Index("viewing_line_of", viewing_lines.c.viewing, viewing_lines.c.place)
Index("viewing_line_case", viewing_lines.c.case_id)
