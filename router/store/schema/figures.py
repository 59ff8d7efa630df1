"""What figures are made of, kept apart from what is erased: no location, no name, nothing that is sealed elsewhere.

Triggers write it (revisions 0039, 0053, 0057, 0063, 0070) in the transaction that changes a report, an item, a case, a
referral or what was said of one, so a kill or a rollback takes both or neither, and nothing is counted from rows that
a purge removes. Nothing here is ever deleted with its case. What each column is counted as stands in
`router/data/figures.toml`.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from router.store.schema.metadata import metadata

figure_reports = Table(
    "figure_reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),  # when the public reported it
    Column("taken_at", BigInteger, nullable=False),
    Index("figure_report_received", "received_at", "id"),
    sqlite_with_rowid=False,
)

figure_items = Table(
    "figure_items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("report_id", Text, nullable=False, index=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("position", Integer, nullable=False),  # below zero for what a person found behind another one
    Column("added_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

figure_cases = Table(
    "figure_cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("came_back", Integer, nullable=False),  # its location was that of a case closed before
    Column("site_type", Text),
    Column("assessment", Text, nullable=False),
    Column("assessed_at", BigInteger),
    Column("staff_assessment", Text),
    Column("staff_assessed_at", BigInteger),
    Column("verdict", Text),  # these three as they were when it was first referred; until then as they are
    Column("country", Text),
    Column("provider", Text),
    Column("traced_at", BigInteger),  # of the trace that named the provider
    Column("referred_at", BigInteger),  # when the first referral was made
    Column("seen_at", BigInteger),  # the latest look-up of ours that found its host
    Column("gone_since", BigInteger),  # the first of the look-ups in a row that found none; null where one found it
    Column("moved", Integer, nullable=False, server_default=text("0")),
    Column("outcome", Text),
    Column("closed_at", BigInteger),
    Index("figure_case_received", "received_at", "id"),
    sqlite_with_rowid=False,
)

figure_referrals = Table(
    "figure_referrals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("partner", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("is_copy", Integer, nullable=False),
    Column("decided_by", Text),  # `policy` or `staff`; no name
    Column("created_at", BigInteger, nullable=False),
    Column("first_sent_at", BigInteger),
    Column("accepted_at", BigInteger),
    Column("state", Text, nullable=False),
    Column("sent_back", Integer, nullable=False, server_default=text("0")),  # not taken, or given back, ever
    Column("misrouted_at", BigInteger),
    Index("figure_referral_sent", "first_sent_at", "id"),
    sqlite_with_rowid=False,
)

#: What anybody said or found of a case, each once: an action of a partner or a person, the end of a check, a second
#: look.
figure_signs = Table(
    "figure_signs",
    metadata,
    Column("id", Text, nullable=False),  # of the row that said so
    Column("sign", Text, nullable=False),
    Column("case_id", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),  # `router`, `staff` or `partner`; no name
    PrimaryKeyConstraint("id", "sign", name="figure_signs_pk"),
    sqlite_with_rowid=False,
)

#: What an analyst said of an item that is sealed elsewhere: its labels, an age, a gender. Written with the item.
figure_marks = Table(
    "figure_marks",
    metadata,
    Column("item_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("case_id", Text, nullable=False, index=True),
    PrimaryKeyConstraint("item_id", "what", "value", name="figure_marks_pk"),
    sqlite_with_rowid=False,
)

#: Dates of these rows that our clock measured while it was not believed: what they begin or end is no interval. Written
#: when the date is, and taken away when it is measured anew: nobody can tell afterwards, as a clock that was ahead
#: comes by the same moments again.
figure_doubts = Table(
    "figure_doubts",
    metadata,
    Column("id", Text, nullable=False),  # of the row whose date it is
    Column("what", Text, nullable=False),  # the column that holds the date; of a sign, the sign
    Column("case_id", Text, nullable=False, index=True),
    PrimaryKeyConstraint("id", "what", name="figure_doubts_pk"),
    sqlite_with_rowid=False,
)

#: What was published, word for word: never changed, corrected by a later edition only.
figure_editions = Table(
    "figure_editions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("audience", Text, nullable=False),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
    Column("number", Integer, nullable=False),  # of this audience and period, from 1
    Column("made_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),  # why there is another one; null for the first
    Column("digest", Text, nullable=False),  # SHA-256 of the body, as in the audit chain
    Column("body", Text, nullable=False),
    Index("figure_edition", "audience", "first_day", "last_day", "number", unique=True),
)

#: Those that triggers write when what they are made of is written.
WRITTEN_BY_TRIGGERS: Final = (figure_reports, figure_items, figure_cases, figure_referrals, figure_signs)
