"""The schema's history. A revision is never edited once it was released: the next one changes what it made.

Revisions expand first (new tables, nullable columns) and contract a release later, so that processes of two versions
can run side by side. The first revision, a snapshot, is released as 0.2.0 and proven by tests/store/test_released.py.
"""
