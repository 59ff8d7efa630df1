"""The use-cases: one file per thing that can happen to a report on its way.

`intake` takes it, `locate` finds where it is hosted, `decide` asks the policy, `deliver` sends, `follow_up` looks after
five days; `overrule` and `desk` are what staff do. Each reads, does its I/O with no transaction open, and commits one
`Transition`. Nothing here knows HTTP, HTML, SQL text, or a partner's protocol.
"""
