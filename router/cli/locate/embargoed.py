"""What `locate` must not look up, where the data directory has a database: embargoes count at the machine too.

Without a database there are none, and nothing of this is loaded. With one that cannot be read nothing is looked up,
since nobody could know what must not be.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from schemas.locator import Locator

if TYPE_CHECKING:
    from router.casework.case.embargo import Embargo
    from router.guard.seal import Keyring
    from router.settings import Settings
    from router.store.engine import Engine

#: Of what an embargo holds.
CODE: Final = "embargo"
#: Where a router keeps its database unless it is told otherwise (`store/connect`).
_DATABASE: Final = "router.db"
_OLDER: Final = (
    "The database here is of an older version, so what is under embargo cannot be known; run `migrate` first, or use"
    " --offline."
)
_NO_KEY: Final = (
    "There is a database here and no master key, so what is under embargo cannot be known; put the key back, or use"
    " --offline."
)


@dataclass(slots=True)
class Embargoed:
    """The embargoes of a database, read anew for each chunk of lines."""

    engine: "Engine"
    keyring: "Keyring"
    known: "tuple[Embargo, ...]" = ()

    async def refresh(self) -> None:
        """Read what is in force now. Raise StoreUnavailable."""
        from sqlalchemy import select

        from router.casework.case.embargo import OPEN, in_force_of
        from router.clock import SystemClock, micros
        from router.store.schema.embargoes import embargoes

        rows = await self.engine.rows(select(embargoes).where(embargoes.c.state == OPEN))
        self.known = in_force_of(rows, micros(SystemClock().now()))

    def why(self, locator: Locator) -> str | None:
        """Return whom to ask about a location that an embargo holds, as a sentence; None for any other."""
        if not self.known:
            return None
        from router.casework.case.embargo import holding
        from router.casework.case.gate import Held
        from router.casework.case.marks import of_location

        by = holding(self.known, of_location(self.keyring, locator))
        return Held(by).text if by else None


async def embargoed(settings: "Settings", stack: AsyncExitStack) -> Embargoed | None:
    """Return the embargoes of the router whose data these are, or None where it has no database of ours.

    Raise CannotStart, StoreUnavailable.
    """
    if settings.database is None and not (settings.data_dir / _DATABASE).exists():
        return None
    from router.errors import CannotStart
    from router.guard.master import MASTER_FILE, open_keyring
    from router.store.connect import engine_of
    from router.store.migrate import check_known, newest

    engine = engine_of(settings.database, settings.data_dir)
    stack.push_async_callback(engine.close)
    await engine.open()
    revision = await engine.revision()
    check_known(revision)
    if revision is None:
        return None
    if revision != newest():
        raise CannotStart(_OLDER)
    try:
        return Embargoed(engine, open_keyring(settings.data_dir / MASTER_FILE))
    except FileNotFoundError:
        raise CannotStart(_NO_KEY) from None
