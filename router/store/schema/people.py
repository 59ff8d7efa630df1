"""Who may come in: accounts, what they sign in with, tokens, sessions, and the requests that were made before.

Conventions: `tables`.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

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
    Column("asked_at", BigInteger),  # of a link: since when it waits for a supervisor's yes
    Column("yes_by", Text),  # who said that it is its person who asks
)

#: A row for each time somebody looked, apart from what they looked at.
exposures = Table(
    "exposures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("by", Text, nullable=False),  # a person, `person:NAME`
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # reveal | look
    Column("past_pause", Integer, nullable=False),  # 1: a child at risk, although they were at the limit
    Column("number", BigInteger),  # of a person's reveals, the fence of their limits; null where none depends on it
)
Index("exposure_by", exposures.c.by, exposures.c.at)
Index("exposure_number", exposures.c.by, exposures.c.number, unique=True)

oidc_subjects = Table(
    "oidc_subjects",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),  # as the provider names its person: an opaque text
    Column("account_id", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("issuer", "subject"),
)

account_news = Table(
    "account_news",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),  # who is told
    Column("account", Text, nullable=False),  # whom it is about
    Column("code", Text, nullable=False),  # how somebody came in (link, link+app, ...), or what lets them in now (NEW)
    Column("at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    Column("session", Text),  # by which session it came: that one is not told
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
    Column("fresh_at", BigInteger),  # when a factor was last shown in it; null: when it began
    Column("began_by", Text),  # link | token | password+app | password+code; null in those of an older version
    Column("address", Text),  # from where it began
)

factors = Table(
    "factors",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("password", Text),  # argon2id, with its own salt and cost
    Column("password_at", BigInteger),
    Column("app", LargeBinary),  # the secret of the authenticator app, sealed
    Column("app_at", BigInteger),
    Column("app_step", BigInteger),  # of the last code that was taken: no code works twice
    Column("app_new", LargeBinary),  # a secret of which no code was shown yet, sealed
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("given_at", BigInteger, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("ended_by", Text),  # who ended it before its day
)

farewells = Table(
    "farewells",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("code", Text, nullable=False),  # schemas.people.Known
    Column("count", Integer),  # how many, where that can be counted
    Column("closed_at", BigInteger, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("done_at", BigInteger),
    Column("done_by", Text),  # somebody else than who closed the account
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("made_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
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
