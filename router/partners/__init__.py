"""The dialects partners speak, one file each with its own configuration, listed in one visible table.

A dialect sends, asks the status and withdraws, and declares whether a repeated send is harmless. What leaves is the
partner's declared fields only. It never retries a delivery, never opens a connection but through the guard, and never
puts a third party's error text into a log.

To add one: a file with a class that is a `base.Dialect`, a line in `DIALECTS`, a test that inherits `Promises`, or
`HttpPromises` where it speaks HTTP (tests/partners/conformance*.py). CONTRIBUTING.md walks the way.
"""

from typing import Final

from router.partners.base import Dialect, Tools
from router.partners.dropbox.dialect import DropboxDialect
from router.partners.iccam.dialect import IccamDialect
from router.partners.router import RouterDialect
from router.partners.webhook import WebhookDialect

#: The name in a partner's entry -> who speaks it.
DIALECTS: Final[dict[str, type[Dialect]]] = {
    "dropbox": DropboxDialect,
    "iccam": IccamDialect,
    "router": RouterDialect,
    "webhook": WebhookDialect,
}


def speakers(tools: Tools) -> dict[str, Dialect]:
    """Return one speaker of every dialect."""
    return {name: speaker(tools) for name, speaker in DIALECTS.items()}
