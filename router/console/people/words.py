"""What the pages of people call their codes."""

from collections.abc import Mapping
from typing import Final

from router.console.language import N_

#: What somebody who left could know or still have.
KNOWN: Final[Mapping[str, str]] = {
    "machine": N_("a way to the machine, its keys or its backups"),
    "paper": N_("keys of rooms, printed bundles, notes, a phone of the house"),
    "alarms": N_("alarms that still reach them"),
    "seen": N_("locations of open cases that they have seen"),
    "viewings": N_("lists that they took to look at and did not bring back: files, screens, what was made of them"),
    "embargoes": N_("embargoes in force of which they may know"),
    "partners": N_("portals, keys and passwords of partners"),
    "sources": N_("tokens of intake systems that they made"),
    "proposals": N_("changes of theirs that wait for a second person"),
}

#: What lets somebody in by now, as they are told on their next page.
NEW: Final[Mapping[str, str]] = {
    "password": N_("Your password was set"),
    "app": N_("Your authenticator app was set up"),
    "codes": N_("Your recovery codes were made anew"),
    "connected": N_("Your account was connected with the sign-in provider"),
    "disconnected": N_("Your account was disconnected from the sign-in provider"),
}

#: How a session began.
BEGAN_BY: Final[Mapping[str, str]] = {
    "link": N_("with a one-time link"),
    "link+app": N_("with a one-time link and the app"),
    "link+code": N_("with a one-time link and a recovery code"),
    "link+yes": N_("with a one-time link and a supervisor who agreed"),
    "provider": N_("by the sign-in provider"),
    "token": N_("with a token"),
    "password+app": N_("with a password and the app"),
    "password+code": N_("with a password and a recovery code"),
    "None": N_("before this version"),
}
