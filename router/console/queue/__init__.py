"""What makes a long queue short: one act on several, views of one's own, what came in meanwhile, and the keys.

Nothing here decides what may be done to a case: each row is judged as it would be alone.
"""
