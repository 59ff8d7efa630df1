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
)

directories = Table(
    "directories",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of schemas.partner.Directory
)
