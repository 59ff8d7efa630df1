"""Where a case is hosted: one trace, and what a CDN says of the host behind its edge.

`step` is what the worker runs. Nothing here judges who receives the case.
"""
