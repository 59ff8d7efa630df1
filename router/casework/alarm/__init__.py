"""What must reach a person does: whom alarms ring, what they say, and the step that rings until somebody is on it.

An alarm's row is added by the transition that places its case (`case/ringing.py`); here it is only told. Nothing here
reads a location, and no alarm has a field to say one in.
"""
