"""Which certificates end soon: what proves us to a partner is renewed by people, and takes weeks to be had.

A hub's office issues ours by hand, once a year. So people hear of it sixty days before, thirty days before, and all
through the last week, until the file is replaced.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from router.casework.context import Context
from router.errors import RouterError

#: How long before its end the alarm rings for a day.
RINGS: Final = (timedelta(days=60), timedelta(days=30))
#: From when on it rings until the certificate is renewed.
LAST: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


async def ending_soon(ctx: Context) -> list[str]:
    """Return the partners of whose certificates people are to be told now."""
    found: list[str] = []
    for partner in (await ctx.governance.directory()).partners:
        dialect = ctx.dialects.get(partner.dialect) if partner.enabled else None
        if dialect is None:
            continue
        with suppress(RouterError):  # a file that cannot be read is said by `partners check`, and by each attempt
            until = dialect.good_until(partner)
            if until is not None and _rings(until - ctx.clock.now()):
                found.append(partner.name)
    return found


def _rings(left: timedelta) -> bool:
    return left <= LAST or any(before - _DAY < left <= before for before in RINGS)
