"""What came of a referral: the partner's word, a fresh trace after five days, and the watch that nothing waits unseen.

A case never closes here on less than proof that its material is gone.
"""
