"""Viewing sessions: what somebody takes from the desk to a closed room on another network, and what comes back.

    taken.py     which locations somebody may take, the lease on them, and the file for the room
    table.py     the two tables: what goes out, and what is read of what comes back
    results.py   each row that comes back, judged as the act would be on the console
    ended.py     given back, or lost: an incident
    listed.py    sessions and their lines, as people see them

The router keeps nothing of a session's file but its digest. Nothing of a table is read but the columns that it knows,
and no location comes back in one.
"""
