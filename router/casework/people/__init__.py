"""Who may sign in and as what: accounts, sessions, and the tokens of scripts and intake systems.

Nobody gives themselves a right, and no secret is kept that could be read back.
"""
