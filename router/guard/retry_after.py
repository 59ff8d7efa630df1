"""How long an answer asks us to wait: the header Retry-After (RFC 9110 section 10.2.3), for partners and sources alike.

It is somebody else's text: it says "so many seconds, a day at most" or it says nothing, and no year, hour or zone in it
is an error of ours.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: Seconds that anybody outside can make us wait: a day. Who says "next year" has a fault.
LONGEST_WAIT: Final = 86_400.0


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds from `now` (aware) that an answer asks for, 0 to `LONGEST_WAIT`; None when it says nothing."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal():
        return min(float(said), LONGEST_WAIT)
    try:
        # Reads all three forms of a date that RFC 9110 section 5.6.7 obliges a recipient to read.
        moment = parsedate_to_datetime(said)
    except (ValueError, OverflowError):  # the second for a number that no date has
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)
