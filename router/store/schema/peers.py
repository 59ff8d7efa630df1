"""What peers sent to us, which of their requests were seen, and how far they were asked about what we sent."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

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
Index("inbox_case", inbox.c.case_id)
Index("inbox_origin", inbox.c.peer, inbox.c.origin, inbox.c.origin_reference)

nonces = Table(
    "nonces",
    metadata,
    Column("peer", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("peer", "nonce"),
)

#: How far a partner was asked what became of its referrals (`Dialect.rounds`): claimed by the process that asks.
status_rounds = Table(
    "status_rounds",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # when the next call is made
    Column("began_at", BigInteger, nullable=False),  # when the round began that goes on, or was the last
    Column("after", Text, nullable=False, server_default=text("''")),  # the referral it is at; empty: a new round
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
    Column("claims", Integer, nullable=False, server_default=text("0")),
)
