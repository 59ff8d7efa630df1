"""Look for a report whose id was lost: by our own reference, in what the hub lists as ours.

No call finds a report by its reference, so the lists of work are walked and contents read one by one, a few in a turn.
Where the hub gave the new content to another country at once, it stands in no list of ours, and only a person finds it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from router.partners.iccam.hub import Failed, HubCalls
from router.partners.iccam.wire import ContentView

#: Where a content of ours can stand: assessed and complete; not assessed; with its reference not noted.
LISTS: Final = ("unactioned", "unassessed", "no-reference")
#: How far the hub's clock may be behind ours.
SKEW: Final = timedelta(minutes=5)
#: Contents that are read in one turn: at a call a second it must end within the turn's deadline.
IN_ONE_TURN: Final = 12
#: Contents that are read in all.
IN_ALL: Final = 300


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look."""

    content: ContentView | None  #: the one with our reference
    read: tuple[int, ...]  #: all that were read in vain, those of earlier turns too
    over: bool  #: whether there is nothing left to read; False: look on in the next turn


async def look_for(calls: HubCalls, reference: str, since: datetime, read: Collection[int] = ()) -> Looked | Failed:
    """Look on, past the contents that were `read` before, through what was assigned to us from `since` on.

    That nothing was found proves nothing: the hub may have given it away, or list it later.
    """
    known = dict.fromkeys(read)
    for name in LISTS:
        found = await calls.listed(name, since - SKEW)
        if not isinstance(found, tuple):
            return found
        # A new content has the highest id.
        for number in sorted({one.content_id for one in found} - set(known), reverse=True):
            if len(known) >= len(read) + IN_ONE_TURN:
                return Looked(None, tuple(known), over=len(known) >= IN_ALL)
            content = await calls.content(number)
            if not isinstance(content, ContentView):
                return content
            if content.hotline_reference == reference:
                return Looked(content, tuple(known), over=True)
            known[number] = None
    return Looked(None, tuple(known), over=True)
