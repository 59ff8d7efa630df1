"""What need not be kept: expired keys, nonces and sessions are forgotten. Nothing of an open case is."""
