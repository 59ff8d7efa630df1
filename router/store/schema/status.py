"""The outbox of what is told to those who sent reports: what changed, and what of it goes to whom."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from router.store.schema.metadata import metadata

#: A change of a case or of a referral, added by the transition that makes it. A worker finds out whose reports it is
#: about, after it was made: so a report that joins the case at the same moment is not forgotten.
status_changes = Table(
    "status_changes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text),
    Column("referral_id", Text),  # where the transition names no case
    Column("at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
    Column("claims", Integer, nullable=False, server_default=text("0")),
)
Index("status_change_at", status_changes.c.at)

#: One thing to be told of one report. It has no body before it is looked at, which is when its turn has come: of a
#: source outside the house that is a date of the report's own, so that what happens to a case moves nothing here.
status_news = Table(
    "status_news",
    metadata,
    Column("id", Text, primary_key=True),  # what its receiver knows it by, however often it is sent
    Column("source", Text, nullable=False),
    Column("report_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),  # when it happened, or when it is to be looked at
    Column("body", Text),  # JSON of schemas.followed.StatusEvent, as it is sent each time
    Column("digest", Text),  # of what it says of the report
    Column("version", Integer, nullable=False),
    Column("due_at", BigInteger),  # null once it was given up
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
    Column("claims", Integer, nullable=False, server_default=text("0")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # counted ones
    Column("last_reason", Text),  # why the last attempt did not succeed, as a code
    Column("given_up_at", BigInteger),
)
_DATED = text("due_at IS NOT NULL")
Index(
    "status_due",
    status_news.c.source,
    status_news.c.due_at,
    sqlite_where=_DATED,
    postgresql_where=_DATED,
)
Index("status_of_report", status_news.c.report_id, status_news.c.at)
