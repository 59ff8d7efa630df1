"""How a verb reaches a running router: its API when it runs, the store itself when nobody holds it.

It never decides, and never opens the database behind a running server's back.
"""
