"""Tables of what must reach a person: each alarm as a row that rings until somebody is on it, and whom it rings."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from router.store.schema.metadata import metadata

#: The outbox of alarms. One of a case is added by the transition that places the case on the desk; one of the house
#: (overdue work, a way that fails) has no case, and there is one open at a time of each code.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, index=True),
    Column("code", Text, nullable=False),  # schemas.casefile.DeskCode, or schemas.alarm.HouseCode
    Column("placed_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("next_at", BigInteger),  # null once it is over
    Column("claimed_by", Text),
    Column("claimed_until", BigInteger),
    Column("claims", Integer, nullable=False, server_default=text("0")),
    Column("told", Text, nullable=False, server_default=text("'{}'")),  # JSON: way -> how often, when last, in vain
    Column("count", Integer, nullable=False, server_default=text("1")),  # how many it stands for
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", Text),
    Column("resolved_at", BigInteger),
)
_DATED = text("next_at IS NOT NULL")
Index("alarm_due", alarms.c.next_at, sqlite_where=_DATED, postgresql_where=_DATED)
_HOUSE = text("case_id IS NULL AND resolved_at IS NULL")
Index("alarm_house", alarms.c.code, unique=True, sqlite_where=_HOUSE, postgresql_where=_HOUSE)

#: Whom alarms reach, as versions: the newest is in force. `router.toml` is read at the first start only.
alarm_ways = Table(
    "alarm_ways",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("published_at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON of schemas.alarm.AlarmSettings
)
