"""Which of the rows that a claim found their sources' daily caps admit, and what is counted for them.

The statements and the rule of both engines; they run in the claim's own transaction. The counters are locked in one
order, after the rows, so that two claimers on PostgreSQL wait for each other and never in a ring.

At midnight one claimer may still count for yesterday when another has begun today: it counts for today then, or what
today has had would be forgotten.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Update, select, update

from router.store.base import Quota, Row
from router.store.schema.tables import source_sent


def counters(quota: Quota) -> Select[Any]:
    """Return the SELECT of what the partner got of the capped sources, locked where the database can."""
    mine = (source_sent.c.partner == quota.partner, source_sent.c.source.in_(sorted(quota.caps)))
    return select(source_sent).where(*mine).order_by(source_sent.c.source).with_for_update()


def sent_on(day: int, counted: Sequence[Row]) -> dict[str, int]:
    """Return what each source sent on that day, by the rows of `counters`, or on a newer one that has begun already.

    An older day's count is over.
    """
    return {row["source"]: row["sent"] if row["day"] >= day else 0 for row in counted}


def admit(quota: Quota, found: Sequence[Row], counted: Sequence[Row]) -> tuple[list[Row], list[Update]]:
    """Return the rows that may be taken, in their order, and the UPDATEs that count them."""
    before = sent_on(quota.day, counted)
    days = {row["source"]: max(row["day"], quota.day) for row in counted}
    after = dict(before)
    taken = []
    for row in found:
        source = row["draws_on"]
        if source in quota.caps:
            if after.get(source, quota.caps[source]) >= quota.caps[source]:
                continue
            after[source] += 1
        taken.append(row)
    return taken, [
        _count(quota, source, days[source], sent) for source, sent in after.items() if sent != before[source]
    ]


def _count(quota: Quota, source: str, day: int, sent: int) -> Update:
    mine = (source_sent.c.source == source, source_sent.c.partner == quota.partner)
    return update(source_sent).where(*mine).values(day=day, sent=sent)
