"""What the pages of people call their codes."""

from collections.abc import Mapping
from typing import Final

from router.console.language import N_

#: How a session began.
BEGAN_BY: Final[Mapping[str, str]] = {
    "link": N_("with a one-time link"),
    "token": N_("with a token"),
    "password+app": N_("with a password and the app"),
    "password+code": N_("with a password and a recovery code"),
    "None": N_("before this version"),
}
