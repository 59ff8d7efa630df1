"""What `doctor` says of the viewing room: whether a session's file could be closed for it today."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

#: Days before a key ends from which on its day is told, so that another can be had in time.
_SOON: Final = timedelta(days=30)


def viewing_room(data: Path | None) -> dict[str, Any]:
    """Look at the room's key and ours. No room is no fault: a session can be worked on screen."""
    from router.app import viewing_room as the_room
    from router.clock import SystemClock
    from router.errors import Conflict
    from router.settings import Settings

    now = SystemClock().now()
    try:
        until = the_room(Settings.load(data_dir=data)).good_until(now)
    except Conflict as error:
        return {"check": "viewing room", "ok": False, "text": error.message}
    if until is None:
        text = "no room's key is set, so sessions are worked on screen; to export them name one in [viewing]"
        return {"check": "viewing room", "ok": True, "text": text}
    text = f"sessions are encrypted to its key, which is good until {until:%Y-%m-%d}"
    if until - now < _SOON:
        text += ": ask the room for a new one, and name that file"
    return {"check": "viewing room", "ok": True, "text": text}
