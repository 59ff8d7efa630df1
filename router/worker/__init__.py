"""The loop that claims due work, runs the step for its state and hands the transition to the writer.

It knows when work is due and who holds it. It never decides what a step means (`casework` does), never commits by
itself, and never keeps a waiting case in memory.
"""
