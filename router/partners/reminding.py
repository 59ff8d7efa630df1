"""Partners that take a reminder by themselves: that what they have is still there, by our own look."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from router.partners.base import SentReferral
from schemas.partner import Partner


@runtime_checkable
class Reminds(Protocol):
    """A dialect that can say so. Where a partner's cannot, people hand the digest over."""

    async def remind(self, partner: Partner, sent: Sequence[SentReferral]) -> frozenset[str]:
        """Say that these are still there; return the ids of those that the partner says it was reminded of.

        Saying it again must be harmless. Raise as `Dialect.send`.
        """
        ...
