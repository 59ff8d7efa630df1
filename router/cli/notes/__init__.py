"""Notes of staff about cases; it decides nothing."""
