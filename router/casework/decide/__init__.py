"""Who receives a located case: its facts, the policy's answer, and the rows that keep both.

`step` is what the worker runs; `replay` asks the same policy about earlier decisions. Nothing here sends anything.
"""
