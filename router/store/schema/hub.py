"""What is kept of a hub beside referrals: a report there has many contents, and each is worked on by itself."""

from sqlalchemy import BigInteger, Column, Table, Text, UniqueConstraint

from router.store.schema.metadata import metadata

#: What a partner did with a part of what it was given, such as one file of a page. It ends nothing of the whole.
part_actions = Table(
    "part_actions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("referral_id", Text, nullable=False, index=True),
    Column("part", Text, nullable=False),  # the partner's own number of it
    Column("action", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Column("moved_to", Text),
    UniqueConstraint("referral_id", "part", "action", "at"),
)
