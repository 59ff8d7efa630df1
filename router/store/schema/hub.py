"""What is kept of a hub beside referrals: a report there has many contents, and each is worked on by itself."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint, text

from router.store.schema.metadata import metadata

#: What a partner did with a part of what it was given, such as one file of a page. It ends nothing of the whole.
part_actions = Table(
    "part_actions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("referral_id", Text, nullable=False, index=True),
    Column("part", Text, nullable=False),  # the partner's own number of it
    Column("action", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text),
    Column("moved_to", Text),
    UniqueConstraint("referral_id", "part", "action", "at"),
)

#: How far a hub's inbox was read: one row a partner, claimed by the process that reads it.
hub_inboxes = Table(
    "hub_inboxes",
    metadata,
    Column("partner", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
    Column("claims", Integer, nullable=False, server_default=text("0")),
    Column("windows", Text, nullable=False, server_default=text("'{}'")),  # JSON: list -> from when on it is read next
    Column("full_since", BigInteger),  # since when a list holds more than it shows, and only the hub can say what
    Column("last_text", Text),  # why it could not be read the last time, in words
)

#: What a hub's lists named, one row a content: taken exactly once, whatever names it how often.
hub_items = Table(
    "hub_items",
    metadata,
    Column("partner", Text, nullable=False),
    Column("number", Text, nullable=False),  # the hub's number of the content
    Column("state", Text, nullable=False),  # listed | taken | untold (how it ended) | ours | elsewhere | unfit
    Column("listed_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("read_at", BigInteger),
    Column("report", Text),  # the hub's number of the report
    Column("assigned_to", Text),
    Column("assigned_at", BigInteger),
    Column("reference", Text),  # our number of the report it became, by which the hub knows that we have it
    Column("case_id", Text, index=True),
    Column("acknowledged_at", BigInteger),
    Column("told", Text, nullable=False, server_default=text("'[]'")),  # JSON: which of our acts the hub knows
    Column("ended_at", BigInteger),  # when the last of them was told
    Column("last_text", Text),  # why it was not taken, or not acknowledged, in words
    PrimaryKeyConstraint("partner", "number"),
)
#: By the hub's numbers a case is found.
Index("hub_item_number", hub_items.c.number)
Index("hub_item_report", hub_items.c.report)
Index("hub_item_state", hub_items.c.partner, hub_items.c.state, hub_items.c.listed_at)
#: What could not be taken lately, or whose end the hub did not take: few beside a million that went right.
for _name, _when, _which in (
    ("hub_item_unfit", hub_items.c.read_at, text("state = 'unfit'")),
    ("hub_item_untold", hub_items.c.ended_at, text("state = 'untold'")),
):
    Index(_name, _when, sqlite_where=_which, postgresql_where=_which)
