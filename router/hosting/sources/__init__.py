"""The embedded evidence sources, in the order in which an analyst reads them: `SOURCES` is the whole table.

`build(data)` opens them all; `EmbeddedSources.address(ip)` is the hot path of every verdict, without a word to anyone
outside.
"""

from router.hosting.sources.embedded import SOURCES, EmbeddedSources, build

__all__ = ["SOURCES", "EmbeddedSources", "build"]
