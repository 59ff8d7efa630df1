"""How reported hosts were asked whether they are still there: each probe, and when a host was asked last.

Nothing of a URL stands here but a keyed index of its host. What a probe found goes with its case; when a host was asked
last is forgotten after some days.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from router.store.schema.metadata import metadata

_ANSWERED: Final = text("finding = 'answered'")

#: Written before the request leaves: one without an end was cut, and may have arrived.
probes = Table(
    "probes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("referrer", Text, nullable=False),  # sent | withheld | none
    Column("ended_at", BigInteger),
    Column("finding", Text),  # schemas.probe.ProbeFinding
    Column("status", Integer),  # of the answer
    Index("probe_of_case", "case_id", "at"),
    Index("probe_answered", "at", sqlite_where=_ANSWERED, postgresql_where=_ANSWERED),
)

#: By its row a host is asked once a day, whichever process and whichever of its cases asks.
probed_hosts = Table(
    "probed_hosts",
    metadata,
    Column("host_bidx", LargeBinary, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
)
