"""What staff do: acts on a case, acts on a referral, each with a reason and fenced by the version its author saw.

An act never overrides another person's in silence, and never promises what the state table refuses.
"""
