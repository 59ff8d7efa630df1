"""`sessions`: what is taken from the desk to a closed room, and what comes back of it.

The file that is written is encrypted to the room's key. No verb writes a location in clear.
"""
