"""Look for a report whose id was lost: by our own reference, in what the hub lists as ours.

No call finds a report by its reference, so the lists of work are walked and contents read one by one, a few in a turn.
Where the hub gave the new content to another country at once, it stands in no list of ours, and only a person finds it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from router.clock import Clock
from router.partners.iccam.hub import Failed, HubCalls
from router.partners.iccam.wire import ContentView

#: Where a content of ours can stand: assessed and complete; not assessed; with its reference not noted.
LISTS: Final = ("unactioned", "unassessed", "no-reference")
#: How long a report is looked for that may have been taken, and how long ago that may have been.
SEARCH: Final = timedelta(minutes=3)
BACK: Final = timedelta(days=7)
#: Contents that are read in one turn: at a call a second it must end within the turn's deadline.
IN_ONE_TURN: Final = 12
#: Contents that are read in all.
IN_ALL: Final = 300


@dataclass(slots=True)
class Search:
    """One search, as far as it is. Only this process knows it; another one begins anew, which harms nothing."""

    reference: str
    begun: datetime
    read: dict[int, None] = field(default_factory=dict)  #: contents that were read and are not ours

    async def look(self, calls: HubCalls) -> ContentView | Failed | None:
        """Look on through what was assigned to us lately. None when this turn has read its share, or there is no more.

        That nothing was found proves nothing: the hub may have given it away, or list it later.
        """
        share = len(self.read) + IN_ONE_TURN
        for name in LISTS:
            found = await calls.listed(name, self.begun - BACK)
            if not isinstance(found, tuple):
                return found
            # A new content has the highest id.
            for number in sorted({one.content_id for one in found} - set(self.read), reverse=True):
                if len(self.read) >= min(share, IN_ALL):
                    return None
                content = await calls.content(number)
                if not isinstance(content, ContentView) or content.hotline_reference == self.reference:
                    return content
                self.read[number] = None
        return None

    def is_over(self, now: datetime) -> bool:
        """Return whether a person is to be asked: enough was read, or it was looked for long enough."""
        return len(self.read) >= IN_ALL or now - self.begun >= SEARCH


class Searches:
    """The searches under way in this process, by reference."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        self._clock = clock
        self._under_way: dict[str, Search] = {}

    def of(self, reference: str) -> Search:
        """Return the search for a reference; a new one begins now."""
        return self._under_way.setdefault(reference, Search(reference, self._clock.now()))

    def end(self, reference: str) -> None:
        """Forget a search."""
        self._under_way.pop(reference, None)
