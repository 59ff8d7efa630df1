"""The embedded evidence sources, in the order in which an analyst reads them: `SOURCES` is the whole table.

`build(data)` opens them all; `EmbeddedSources.address(ip)` is the hot path of every verdict. A source says what it
holds; it never weighs, never guesses, and an embedded one never asks anybody outside.
"""

from router.hosting.sources.embedded import SOURCES, EmbeddedSources, build

__all__ = ["SOURCES", "EmbeddedSources", "build"]
