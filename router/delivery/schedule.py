"""When a referral is tried again: a pure function of the counted attempts, the partner's wish, and a seed.

The steps are those of Standard Webhooks 1.0.0 (5 s to 24 h in ten attempts) with a 30 s step for short hiccups; they
end after about 97 hours. Unlike a webhook vendor we never drop: after the last step the desk has it.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from router.guard.retry_after import LONGEST_WAIT

#: Seconds before attempt number 0, 1, 2, ...
STEPS: Final = (0, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
#: So many counted attempts use them up.
ALL: Final = len(STEPS)
#: Each wait is up to this share shorter or longer, so that what failed together does not return together; but a wish of
#: the partner is never undercut, and no wait is longer than `LONGEST_WAIT`.
JITTER: Final = 0.2


def next_at(counted_attempts: int, retry_after: float | None, seed: str, now: datetime) -> datetime | None:
    """Return when to try again, or None when all attempts are used up.

    `counted_attempts` is how many were made and counted; `retry_after` is what the partner asks for, in seconds, and
    never shortens our own wait; `seed` is the referral's id, so that the answer is the same in every process.
    """
    if counted_attempts >= len(STEPS):
        return None
    share = _share(seed, counted_attempts)
    own = _between(STEPS[counted_attempts] * (1 - JITTER), STEPS[counted_attempts] * (1 + JITTER), share)
    wish = 0.0 if retry_after is None else min(max(retry_after, 0.0), LONGEST_WAIT)
    return now + timedelta(seconds=max(own, _between(wish, wish * (1 + JITTER), share)))


def _between(least: float, most: float, share: float) -> float:
    return least + (min(most, LONGEST_WAIT) - least) * share


def _share(seed: str, attempt: int) -> float:
    """Return a number from 0 to 1 that only looks random."""
    digest = blake2b(f"{seed}:{attempt}".encode(), digest_size=7).digest()
    return int.from_bytes(digest) / (1 << 56)
