"""Which referrals go in one bundle, and when: a report's items together, what crawlers reported once a day.

At risk nothing is waited for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from router.partners.base import Envelope
from router.partners.dropbox.settings import DropboxConfig
from router.partners.dropbox.standing import read
from schemas.exchange import DAILY_LIST


def groups(envelopes: Iterable[Envelope]) -> list[Sequence[Envelope]]:
    """Return the referrals that take the next step together: of one report or list, and in one bundle once it is made.

    What may have left stands apart from what certainly did not.
    """
    found: dict[tuple[object, ...], list[Envelope]] = {}
    for one in envelopes:
        standing = read(one.progress)
        step = None if one.progress is None else one.progress.step
        frozen = orjson.loads(one.payload)
        batch = standing.bundle or (frozen["batch"], frozen.get("copy", False))  # what is for information goes apart
        due = standing.due if standing.bundle is None else None
        told = (standing.told, standing.receipt, standing.way)
        in_doubt = one.in_doubt and standing.bundle is not None
        found.setdefault((step, batch, due, told, in_doubt), []).append(one)
    return list(found.values())


def due_at(frozen: Mapping[str, Any], config: DropboxConfig, now: datetime) -> datetime | None:
    """Return when a referral goes, None for at once.

    All that comes within one span ends with it, so that what is decided a moment later goes in the same bundle.
    """
    if frozen["at_risk"]:
        return None
    if frozen["batch"] == DAILY_LIST:
        today = datetime.combine(now.date(), config.daily_at, now.tzinfo)
        return today if today > now else today + timedelta(days=1)
    if not config.gather:
        return None
    span = config.gather.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // span + 1) * span, now.tzinfo)
