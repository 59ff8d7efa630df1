"""What somebody shows to be let in: passwords, one-time codes, and how often they may try.

Nothing here knows an account or the store, and nothing of it grows with the number of those who knock.
"""
