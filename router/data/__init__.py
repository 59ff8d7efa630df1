"""The embedded data sets and how they are made: source, licence, credit, date and checksum each in `sets.toml`.

Compiling and refreshing are one function: fetch, compile, verify, swap. It never serves a set that does not verify,
never swaps in a broken one (the old stays), and never interprets what a set means for a verdict.
"""

from router.data.datasets import DataSets, SetInfo, SetStatus

__all__ = ["DataSets", "SetInfo", "SetStatus"]
