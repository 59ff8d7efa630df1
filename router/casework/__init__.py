"""The use-cases: what happens to a report, a case and a referral, one file each, from intake to closing.

Each does its I/O with no transaction open and returns a `Transition` fenced by the version it saw. It never commits,
never names an engine, a dialect or a source, and never closes a case without an outcome.
"""
