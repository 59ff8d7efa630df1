"""What a source of evidence says of a claim, where that is no name of an operator, a network or a set."""

from typing import Final

from router.console.language import N_

SAID: Final = (N_("registry delegation"),)
FILLED: Final = (N_("geofeed of the holder of {prefix}"),)
