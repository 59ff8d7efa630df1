"""What a store that was put back from a backup knows of cases that it does not have."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text

from router.store.schema.metadata import metadata

#: A referral that left after the backup, of a case that is younger than it: when its location is reported again, the
#: new case gets this row in place of a referral to the same partner. Its ledger holds no location, only its index.
left_before_restore = Table(
    "left_before_restore",
    metadata,
    Column("id", Text, primary_key=True),  # of the referral: what its partner knows it by
    Column("case_id", Text, nullable=False),  # of the case that is not here
    Column("url_bidx", LargeBinary, nullable=False),
    Column("partner", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("dialect", Text),
    Column("left_at", BigInteger, nullable=False),
    Column("receipt", Text),  # null where nobody knows whether it arrived
    Column("their_report", Text),
    Column("their_item", Text),
    Column("taken_back_at", BigInteger),
)
Index("left_before_url", left_before_restore.c.url_bidx)
