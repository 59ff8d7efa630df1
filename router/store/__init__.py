"""What is remembered: tables, readings, and one writer that commits transitions in fenced, audited groups.

It runs on embedded SQLite and on PostgreSQL behind one protocol that one conformance suite holds both to. It never
acknowledges before the bytes are safe, never lets a stale version win, and never keeps a sensitive field unsealed.
"""
