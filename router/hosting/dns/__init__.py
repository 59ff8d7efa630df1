"""Names to addresses: the outcomes of a look-up, the multiplexer, the wire reader and the cache.

The seven outcomes stay distinct up to the verdict. It asks the configured resolvers only, never raises for what a
packet contains, and never trusts an answer whose id or question does not match.
"""
