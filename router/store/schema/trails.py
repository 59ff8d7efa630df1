"""Trails of cases that a magistrate ordered: who asked, who agreed, and the papers that were signed."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from router.store.schema.metadata import metadata

trails = Table(
    "trails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("language", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # schemas.trail.TrailSecrets, under the case's key
    Column("agreed_by", Text),  # the second person; null before they confirmed
    Column("made_at", BigInteger),
    Column("json_digest", Text),  # SHA-256 in hexadecimal of the signed document
    Column("text_digest", Text),
    Column("papers", LargeBinary),  # the files as they were signed, under the case's key
)
