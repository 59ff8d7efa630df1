"""What is in force by versions: the policy and the partner directory. Every version is kept; decisions name theirs."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from router.store.schema.metadata import metadata

policies = Table(
    "policies",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),  # the TOML as published
    Column("proposed_by", Text),  # who proposed what took two; none where one was enough
    Column("confirmed_by", Text),  # the second yes; none for what one person put in force, alone or by break-glass
)

directories = Table(
    "directories",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of schemas.partner.Directory
)
