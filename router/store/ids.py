"""Ids of every row: UUIDv7 (RFC 9562), so that they sort by time and B-trees grow at their end."""

import os
import time


def new_id() -> str:
    """Return a fresh UUIDv7 as 36 characters of text."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """Return `count` fresh UUIDv7s from one read of the random source (a batch of intake needs thousands)."""
    stamp = format(time.time_ns() // 1_000_000, "012x")
    prefix = f"{stamp[:8]}-{stamp[8:]}-7"
    noise = os.urandom(10 * count).hex()
    return [
        f"{prefix}{n[:3]}-{'89ab'[int(n[3], 16) & 3]}{n[4:7]}-{n[7:19]}"
        for n in (noise[i : i + 20] for i in range(0, 20 * count, 20))
    ]
