"""Who may come in: accounts, tokens, sessions, and the requests they have made before (conventions: `tables`)."""

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from router.store.schema.metadata import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("disabled_at", BigInteger),
    Column("made_by", Text),  # who opened it; null where nobody wrote that down yet
    Column("role_by", Text),  # who last gave it another role
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # api | link
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("account_id", Text),
    Column("source", Text),  # a source's token may only report as that source
    Column("scopes", Text, nullable=False),  # space-separated permissions
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("issued_by", Text),  # who made it; null where the audit chain does not say
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("answer", Text),  # null while the first request is at work
    Column("at", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("client", "key"),
)
