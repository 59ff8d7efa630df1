"""The evidence sources, one file each behind one protocol, listed in one visible table.

A source says what it claims (location or registration), from which data and as of when. It never weighs its claim
against another's, and a source that is away lowers confidence instead of failing the trace.
"""
