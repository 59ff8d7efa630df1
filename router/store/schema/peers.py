"""What peers sent to us, and which of their requests were seen."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from router.store.schema.metadata import metadata

inbox = Table(
    "inbox",
    metadata,
    Column("peer", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("origin_reference", Text, nullable=False),
    Column("referral_id", Text, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("returned_at", BigInteger),  # when we said that it is not ours
    Column("returned", LargeBinary),  # sealed; schemas.casefile.GivenBack: whose we believe it to be, and why
    PrimaryKeyConstraint("peer", "referral_id"),
)
Index("inbox_origin", inbox.c.peer, inbox.c.origin, inbox.c.origin_reference)

nonces = Table(
    "nonces",
    metadata,
    Column("peer", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("peer", "nonce"),
)
