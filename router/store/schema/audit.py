"""What proves the rest: the audit chain, its signed checkpoints, the database's identity (conventions: `tables`)."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from router.store.schema.metadata import metadata

#: The audit chain: one per writer epoch, append-only. `hash` covers the previous hash and every other column.
audit = Table(
    "audit",
    metadata,
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("case_id", Text),
    Column("referral_id", Text),
    Column("detail", Text, nullable=False),  # JSON of codes and counts; nothing identifying
    Column("sealed", LargeBinary),  # what a person typed; the chain holds its digest only
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("epoch", "seq"),
)
_OF_A_CASE = text("case_id IS NOT NULL")
Index("audit_case", audit.c.case_id, sqlite_where=_OF_A_CASE, postgresql_where=_OF_A_CASE)
#: The log is read newest first.
Index("audit_at", audit.c.at)
#: Who revealed what, newest first, and of one person: few entries beside all others.
REVEALED = text("act = 'case.revealed'")
for _name, _columns in (
    ("audit_revealed", (audit.c.at, audit.c.epoch, audit.c.seq)),
    ("audit_revealed_by", (audit.c.actor, audit.c.at, audit.c.epoch, audit.c.seq)),
):
    Index(_name, *_columns, sqlite_where=REVEALED, postgresql_where=REVEALED)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("heads", Text, nullable=False),  # JSON {epoch: [seq, hash hex]} of the epochs that grew since the last one
    Column("root", LargeBinary, nullable=False),  # RFC 6962 Merkle root over the previous root and the heads
    Column("signature", LargeBinary, nullable=False),
)

#: The epochs there are, and how far each is signed: spares a checkpoint the search. Verification does not trust it.
epochs = Table(
    "epochs",
    metadata,
    Column("epoch", Text, primary_key=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("signed_seq", BigInteger, nullable=False),
    Column("program", Text),  # the version of the router that wrote it; null before trails told of that
)

#: Why somebody did what is of no case, as they typed it: the entry of the audit names the row.
house_reasons = Table(
    "house_reasons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

#: Facts about this database itself, such as the check value its master key is recognised by.
meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
