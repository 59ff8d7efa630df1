"""How `serve` listens: the socket, TLS, and an end to every connection that holds a place without using it.

It knows nothing of what is asked or answered, and never waits for a stranger without a deadline.
"""
