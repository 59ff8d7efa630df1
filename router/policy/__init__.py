"""Who may receive a case: the routing rules as data, judged by pure functions that record the path they walked.

It loads a policy, proves it by the policy's own tests, judges facts, resolves recipients and explains. It imports
nothing but words and errors: it never does I/O, never reads the clock, and never falls back to sending when it does not
know.
"""
