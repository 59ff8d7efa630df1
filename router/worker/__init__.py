"""The loop that moves cases and referrals: claim due work, run the step for its state, commit what it says.

Any number of workers run beside each other; only the database coordinates them. A worker never decides anything
itself: `steps` is the table of what is done in which state, and casework does it.
"""
