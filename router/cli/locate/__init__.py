"""The verb `locate`: a few inputs or a million lines, in constant memory, resumable.

It never asks more than it is told to.
"""
