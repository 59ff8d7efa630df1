"""The dialects partners speak, one file each with its own configuration, listed in one visible table.

A dialect sends, asks the status and withdraws, and declares whether a repeated send is harmless. What leaves is the
partner's declared fields only. It never retries a delivery, never opens a connection but through the guard, and never
puts a third party's error text into a log.
"""
