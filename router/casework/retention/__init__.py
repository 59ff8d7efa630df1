"""What need not be kept: expired keys, nonces and sessions; and of closed cases what the policy's periods are over for.

Nothing of an open case is erased, and nothing that is held.
"""
